"""A forgotten password: a link by mail, then a new one (R7)."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.even_time import no_sooner_than
from parent_portal.installation import installation, let_go, mail_once_kept, session
from parent_portal.links import account_of_link, open_link
from parent_portal.ui.forms import ForgottenForm, NewPasswordForm, refuse
from parent_portal.visitors import caller, leave
from shared.accounts.credentials.passwords import PasswordRefused
from shared.accounts.holder.own_password import ask_for_new_password, choose_forgotten_password
from shared.accounts.login.first_login import password_demands
from shared.accounts.login.passkeys import passkeys_of
from shared.models.accounts import LinkPurpose, MailedLink

bp = Blueprint("forgotten", __name__)

ANSWER_SECONDS = 0.2
"""Longer than it takes to write a link for each account of an address, and to ring the worker."""


@bp.get("/mot-de-passe-oublie")
def show() -> str:
    """The form of whoever forgot the password."""
    return render_template("portal/forgotten.html", form=ForgottenForm())


@bp.post("/mot-de-passe-oublie")
def ask() -> Response | tuple[str, int]:
    """The same answer whether an account has this address, or this identifier, or not."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return render_template("portal/forgotten.html", form=form), 422
    with no_sooner_than(ANSWER_SECONDS):
        ask_for_new_password(caller(), form.typed.data)
        mail_once_kept()
    return render_template("portal/forgotten_sent.html", typed=form.typed.data.strip()), 200


@bp.get("/nouveau-mot-de-passe/<token>")
def show_link(token: str) -> str:
    """The form behind the mailed link."""
    return _page(NewPasswordForm(), open_link(LinkPurpose.PASSWORD_RESET, token))


@bp.post("/nouveau-mot-de-passe/<token>")
def choose(token: str) -> Response | tuple[str, int]:
    """Replace the password; every browser is logged out, this one too."""
    form, link = NewPasswordForm(), open_link(LinkPurpose.PASSWORD_RESET, token)
    if not form.validate_on_submit():
        return _page(form, link), 422
    demands = password_demands(session(), account_of_link(link), installation().sealer)
    # Nobody waits for what takes time.
    let_go()
    try:
        new = demands.judge(form.password.data)
        choose_forgotten_password(caller(), link, new)
    except PasswordRefused as refused:
        refuse(form.password, _(refused.problem.value))
        return _page(form, link), 422
    mail_once_kept()
    leave()
    flash(_("Votre mot de passe est changé. Connectez-vous avec le nouveau."), "success")
    return redirect(url_for("login.show"), 303)


def _page(form: NewPasswordForm, link: MailedLink) -> str:
    account = account_of_link(link)
    passkeys = passkeys_of(session(), account)
    return render_template("portal/forgotten_choose.html", form=form, account=account, passkeys=passkeys)
