"""« J'ai reçu un code par SMS »: the code and a child's birth date, then the first login (R36, R37)."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.arrival import let_in, why_closed
from parent_portal.even_time import no_sooner_than
from parent_portal.installation import installation, let_go, today
from parent_portal.ui.forms import SmsCodeForm, refuse
from parent_portal.visitors import caller
from shared.accounts.login.password_login import AccountDisabled, AccountMerged
from shared.accounts.without_letter.codes import PATH, CodeRefused, enter_with_code

bp = Blueprint("sms_code", __name__, url_prefix=f"/{PATH}")

ANSWER_SECONDS = 0.1
"""Longer than it takes to look for a code, and then for the birth dates of the children."""


@bp.before_request
def require_sms() -> None:
    """Nothing shows of SMS where none are sent."""
    if installation().settings.sms_driver == "none":
        abort(404)


@bp.get("")
def show() -> str:
    """The form that asks for the code of an SMS and a child's birth date."""
    return _page(SmsCodeForm())


@bp.post("")
def enter() -> Response | tuple[str, int]:
    """Open the account for its first login; the same answer for a code that is wrong and for a wrong date."""
    form = SmsCodeForm()
    is_filled, born = form.validate_on_submit(), form.born()
    if born is None:
        refuse(form.day, _("Cette date n'existe pas. Écrivez le jour, le mois et l'année\u00a0: 5 3 2014."))
    if not is_filled or born is None:
        return _page(form), 422
    try:
        with no_sooner_than(ANSWER_SECONDS):
            account = enter_with_code(caller(), installation().settings, form.code.data, born, today())
    except CodeRefused:
        # Committed: the attempt counts.
        let_go()
        refuse(form.code, _("Ce code et cette date ne vont pas ensemble, ou le code a déjà servi ou n'est plus bon."))
        return _page(form), 422
    except (AccountDisabled, AccountMerged) as closed:
        let_go()
        refuse(form.code, why_closed(closed))
        return _page(form), 422
    let_in(account)
    return redirect(url_for("first_login.show"), 303)


def _page(form: SmsCodeForm) -> str:
    return render_template("portal/sms_code.html", form=form)
