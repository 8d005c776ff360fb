"""Logging in with a passkey: nothing to type, neither identifier nor password."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.access import to_own_page
from parent_portal.arrival import let_in, why_closed
from parent_portal.installation import session
from parent_portal.passkeys import ask, asked, site_or_404
from parent_portal.ui.forms import PasskeyAnswerForm
from parent_portal.visitors import PASSKEY, caller
from shared import clock
from shared.accounts.login.passkey_challenges import PasskeyRefused
from shared.accounts.login.passkey_login import ask_who, log_in_with_passkey
from shared.accounts.login.password_login import AccountDisabled, AccountMerged

bp = Blueprint("passkey_login", __name__, url_prefix="/connexion/cle")


@bp.get("")
def show() -> Response:
    """Nothing was asked yet, or too long ago: back to the beginning."""
    site_or_404()
    return redirect(url_for("login.show"), 303)


@bp.post("")
def start() -> str:
    """Ask the browser for a passkey."""
    options = ask(ask_who(session(), site_or_404(), clock.now()))
    return render_template("portal/passkey_login.html", form=PasskeyAnswerForm(), options=options)


@bp.post("/reponse")
def finish() -> Response:
    """Open the account whose passkey answered; whatever the answer, nobody gives it a second time."""
    refusal = _log_in(PasskeyAnswerForm().answer.data or "")
    if refusal is None:
        return to_own_page()
    flash(refusal, "error")
    return redirect(url_for("login.show"), 303)


def _log_in(answer: str) -> str | None:
    try:
        account = log_in_with_passkey(caller(), site_or_404(), asked(), answer)
    except PasskeyRefused as refused:
        return _(refused.reason.value)
    except (AccountDisabled, AccountMerged) as closed:
        return why_closed(closed)
    let_in(account, PASSKEY)
    return None
