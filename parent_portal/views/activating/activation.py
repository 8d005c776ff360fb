"""Step 2 of the first login: waiting for the mail, and the button behind its link (R5)."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.access import Stage, stage
from parent_portal.installation import mail_once_kept, session
from parent_portal.links import account_of_link, open_activation, open_link
from parent_portal.ui.forms import MAIL_TOO_SOON, NewEmailForm
from parent_portal.visitors import caller, own_account
from shared.accounts.login.first_login import MailTooSoon, activate, correct_email, resend_activation
from shared.emails import address_meant
from shared.establishments.secretariats import secretariats_of
from shared.models.accounts import LinkPurpose

bp = Blueprint("activation", __name__, url_prefix="/activation")


@bp.get("/attente")
def wait() -> str:
    """Where the mail went, and what to do when it does not come."""
    return _page(NewEmailForm())


@bp.post("/attente/renvoyer")
def resend() -> Response:
    """Send the mail again."""
    try:
        resend_activation(caller(), own_account())
    except MailTooSoon:
        session().rollback()
        flash(str(MAIL_TOO_SOON), "warning")
    else:
        mail_once_kept()
        flash(_("Un nouveau message est parti. Le lien d'avant ne marche plus."), "success")
    return redirect(url_for("activation.wait"), 303)


@bp.post("/attente/adresse")
def correct() -> Response | tuple[str, int]:
    """Send the mail to another address."""
    form = NewEmailForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        correct_email(caller(), own_account(), form.email.data)
    except MailTooSoon:
        # Nothing is wrong with the address: it is kept in the form.
        flash(str(MAIL_TOO_SOON), "warning")
        return _page(form), 429
    mail_once_kept()
    flash(_("L'adresse est corrigée. Un nouveau message est parti."), "success")
    return redirect(url_for("activation.wait"), 303)


@bp.get("/<token>")
def show_link(token: str) -> str:
    """The button; opening the link alone changes nothing, since mail scanners open links."""
    link = open_link(LinkPurpose.ACTIVATION, token)
    return render_template("portal/activate.html", account=account_of_link(link))


@bp.post("/<token>")
def confirm(token: str) -> Response:
    """Activate the account, on whichever device the mail was read."""
    account = activate(caller(), open_activation(token))
    flash(_("Le compte %(identifier)s est activé.", identifier=account.identifier), "success")
    # Parents share a mailbox: whoever waits for the own mail stays there, and is not told that it is still to come.
    return redirect(url_for("activation.wait" if stage() is Stage.ACTIVATION else "home.show"), 303)


def _page(form: NewEmailForm) -> str:
    account = own_account()
    return render_template(
        "portal/activation_wait.html",
        form=form,
        account=account,
        meant=address_meant(account.email) if account.email else None,
        secretariats=secretariats_of(session(), account),
    )
