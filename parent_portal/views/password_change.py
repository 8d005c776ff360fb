"""Changing the password: wanted by its holder, or asked for because staff gave an initial one (R6)."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.attempts import is_own_password
from parent_portal.installation import installation, let_go, mail_once_kept, session
from parent_portal.ui.forms import WRONG_OWN_PASSWORD, ChangePasswordForm, NewPasswordForm, refuse
from parent_portal.visitors import caller, own_account
from shared.accounts.credentials.passwords import PasswordRefused, PasswordReplaced
from shared.accounts.holder.own_password import change_password
from shared.accounts.login.first_login import password_demands

bp = Blueprint("password_change", __name__)

Form = ChangePasswordForm | NewPasswordForm


@bp.get("/compte/mot-de-passe")
def show() -> str:
    """The form that changes the password."""
    return _page(_form())


@bp.post("/compte/mot-de-passe")
def submit() -> Response | tuple[str, int]:
    """Replace the password; every other browser is logged out."""
    form = _form()
    if not form.validate_on_submit() or not _current_is_right(form):
        return _page(form), 422
    demands = password_demands(session(), own_account(), installation().sealer)
    # Nobody waits for what takes time.
    let_go()
    try:
        new = demands.judge(form.password.data)
        change_password(caller(), own_account(), new)
    except PasswordRefused as refused:
        refuse(form.password, _(refused.problem.value))
        return _page(form), 422
    except PasswordReplaced:
        session().rollback()
        flash(_("Ce mot de passe a été changé ailleurs à l'instant : le vôtre n'est pas enregistré."), "error")
        return redirect(url_for("home.show"), 303)
    mail_once_kept()
    flash(_("Votre mot de passe est changé. Vos autres appareils sont déconnectés."), "success")
    return redirect(url_for("home.show"), 303)


def _form() -> Form:
    # Whoever must change it typed the initial one a moment ago.
    return NewPasswordForm() if own_account().must_change_password else ChangePasswordForm()


def _current_is_right(form: Form) -> bool:
    if not isinstance(form, ChangePasswordForm) or is_own_password(form.current.data):
        return True
    refuse(form.current, WRONG_OWN_PASSWORD)
    return False


def _page(form: Form) -> str:
    return render_template("portal/password_change.html", form=form, account=own_account())
