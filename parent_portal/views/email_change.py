"""Changing the e-mail: asked for in « Mon compte », confirmed by a link sent to the new address (R7)."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.attempts import is_own_password
from parent_portal.installation import mail_once_kept
from parent_portal.links import account_of_link, open_link
from parent_portal.ui.forms import MAIL_TOO_SOON, WRONG_OWN_PASSWORD, ChangeEmailForm, refuse
from parent_portal.visitors import caller, own_account
from shared.accounts.holder.email_change import ask_for_new_email, confirm_new_email
from shared.accounts.login.first_login import MailTooSoon
from shared.models.accounts import LinkPurpose

bp = Blueprint("email_change", __name__)


@bp.get("/compte/adresse")
def show() -> str:
    """The form that asks for another e-mail."""
    return _page(ChangeEmailForm())


@bp.post("/compte/adresse")
def ask() -> Response | tuple[str, int]:
    """Send a link to the new address; the old one counts until its button is pressed."""
    form = ChangeEmailForm()
    if not form.validate_on_submit():
        return _page(form), 422
    if not is_own_password(form.current.data):
        refuse(form.current, WRONG_OWN_PASSWORD)
        return _page(form), 422
    try:
        ask_for_new_email(caller(), own_account(), form.email.data)
    except MailTooSoon:
        refuse(form.email, MAIL_TOO_SOON)
        return _page(form), 422
    mail_once_kept()
    flash(_("Un message est parti à votre nouvelle adresse. Ouvrez-le et appuyez sur le bouton."), "success")
    return redirect(url_for("account.show"), 303)


@bp.get("/nouvelle-adresse/<token>")
def show_link(token: str) -> str:
    """The button; opening the link alone changes nothing."""
    link = open_link(LinkPurpose.EMAIL_CHANGE, token)
    return render_template("portal/email_confirm.html", account=account_of_link(link), email=link.email)


@bp.post("/nouvelle-adresse/<token>")
def confirm(token: str) -> Response:
    """Let the new address count."""
    link = open_link(LinkPurpose.EMAIL_CHANGE, token)
    account = confirm_new_email(caller(), link)
    mail_once_kept()
    said = _("La nouvelle adresse e-mail du compte %(identifier)s est confirmée.", identifier=account.identifier)
    flash(said, "success")
    return redirect(url_for("home.show"), 303)


def _page(form: ChangeEmailForm) -> str:
    return render_template("portal/email_change.html", form=form, account=own_account())
