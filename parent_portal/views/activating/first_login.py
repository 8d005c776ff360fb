"""Step 1 of the first login: an e-mail and a password of one's own; nothing else opens before (R5)."""

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.installation import installation, let_go, mail_once_kept, session
from parent_portal.ui.forms import FirstLoginForm, refuse
from parent_portal.visitors import caller, own_account
from shared.accounts.credentials.passwords import NewPassword, PasswordRefused
from shared.accounts.login.first_login import (
    FirstLoginProblem,
    FirstLoginRefused,
    complete_first_login,
    email_of_first_login,
    password_demands,
)

bp = Blueprint("first_login", __name__)


@bp.get("/premiere-connexion")
def show() -> str:
    """The form of the first login: an e-mail and a new password."""
    return _page(FirstLoginForm())


@bp.post("/premiere-connexion")
def submit() -> Response | tuple[str, int]:
    """Take both, and let the activation mail leave."""
    form = FirstLoginForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        new = _judge(form)
        complete_first_login(caller(), own_account(), form.email.data, new)
    except PasswordRefused as refused:
        refuse(form.password, _(refused.problem.value))
        return _page(form), 422
    except FirstLoginRefused as refused:
        if refused.problem is FirstLoginProblem.ALREADY_DONE:
            session().rollback()
            return redirect(url_for("activation.wait"), 303)
        refuse(form.email, _(refused.problem.value))
        return _page(form), 422
    mail_once_kept()
    return redirect(url_for("activation.wait"), 303)


def _judge(form: FirstLoginForm) -> NewPassword:
    email = email_of_first_login(form.email.data)
    demands = password_demands(session(), own_account(), installation().sealer, email=email)
    # Nobody waits for what takes time.
    let_go()
    return demands.judge(form.password.data)


def _page(form: FirstLoginForm) -> str:
    return render_template("portal/first_login.html", form=form, account=own_account())
