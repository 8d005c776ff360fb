"""« Mes clés d'accès »: added with the password, listed, renamed, removed."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.attempts import is_own_password
from parent_portal.installation import mail_once_kept, session
from parent_portal.passkeys import ask, asked, site_or_404
from parent_portal.ui.browser_names import browser_name
from parent_portal.ui.forms import (
    WRONG_OWN_PASSWORD,
    NamedPasskeyAnswerForm,
    NewPasskeyForm,
    PasskeyNameForm,
    refuse,
)
from parent_portal.visitors import caller, own_account
from shared import clock
from shared.accounts.login.passkey_adding import add_passkey, ask_for_passkey
from shared.accounts.login.passkey_challenges import PasskeyRefused
from shared.accounts.login.passkeys import (
    PasskeyNotFound,
    own_passkey,
    passkeys_of,
    remove_passkey,
    rename_passkey,
)

bp = Blueprint("passkeys", __name__, url_prefix="/compte/cles")


@bp.get("")
def show() -> str:
    """The passkeys of the account, and what to do about a lost telephone."""
    site_or_404()
    return _list(NewPasskeyForm(name=browser_name(request.headers.get("User-Agent"))))


@bp.post("")
def start() -> str | tuple[str, int]:
    """Ask the browser for a new passkey, once the password was given again."""
    site, form = site_or_404(), NewPasskeyForm()
    if not form.validate_on_submit():
        return _list(form), 422
    if not is_own_password(form.current.data):
        refuse(form.current, WRONG_OWN_PASSWORD)
        return _list(form), 422
    try:
        options = ask(ask_for_passkey(session(), site, own_account(), clock.now()))
    except PasskeyRefused as refused:
        return _list(form, _(refused.reason.value)), 422
    return render_template("portal/passkey_add.html", form=NamedPasskeyAnswerForm(name=form.name.data), options=options)


@bp.post("/ajouter")
def finish() -> Response:
    """Add the passkey that the browser answered with."""
    site, form = site_or_404(), NamedPasskeyAnswerForm()
    told = {"answer": form.answer.data or "", "name": form.name.data or ""}
    try:
        add_passkey(caller(), site, own_account(), token=asked(), **told)
    except PasskeyRefused as refused:
        return _back(_(refused.reason.value), "error")
    mail_once_kept()
    return _back(_("Votre clé d'accès est ajoutée. La prochaine fois, vous pourrez entrer sans mot de passe."))


@bp.get("/<int:passkey_id>")
def show_one(passkey_id: int) -> str:
    """One passkey: its name, and what removing it does."""
    site_or_404()
    return _one(passkey_id)


@bp.post("/<int:passkey_id>")
def rename(passkey_id: int) -> Response | tuple[str, int]:
    """Give a passkey another name."""
    site_or_404()
    form = PasskeyNameForm()
    if not form.validate_on_submit():
        return _one(passkey_id, form), 422
    try:
        rename_passkey(caller(), own_account(), passkey_id, form.name.data)
    except PasskeyNotFound:
        abort(404)
    except PasskeyRefused as refused:
        refuse(form.name, _(refused.reason.value))
        return _one(passkey_id, form), 422
    return _back(_("Le nom est changé."))


@bp.post("/<int:passkey_id>/retirer")
def remove(passkey_id: int) -> Response:
    """Let it open nothing any more."""
    site_or_404()
    try:
        remove_passkey(caller(), own_account(), passkey_id)
    except PasskeyNotFound:
        abort(404)
    mail_once_kept()
    return _back(_("La clé d'accès est retirée. Vos autres appareils sont déconnectés."))


def _back(said: str, category: str = "success") -> Response:
    flash(said, category)
    return redirect(url_for("passkeys.show"), 303)


def _list(form: NewPasskeyForm, refusal: str | None = None) -> str:
    account = own_account()
    return render_template(
        "portal/passkeys.html", form=form, refusal=refusal, account=account, passkeys=passkeys_of(session(), account)
    )


def _one(passkey_id: int, form: PasskeyNameForm | None = None) -> str:
    try:
        passkey = own_passkey(session(), own_account(), passkey_id)
    except PasskeyNotFound:
        abort(404)
    form = form or PasskeyNameForm(name=passkey.name)
    return render_template("portal/passkey.html", form=form, passkey=passkey)
