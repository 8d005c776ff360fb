"""« Mot de passe »: the one handed over must be changed first; later, the present one is asked for."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.installation import let_go, session
from admin_app.page import Page, expose
from admin_app.ui.forms.own import NewPasswordForm
from admin_app.visitors import caller, own_staff
from shared.accounts.credentials.passwords import NewPassword, PasswordRefused, PasswordReplaced
from shared.limits.throttling import take_back
from shared.models.staff import Staff
from shared.staff.logins import (
    begin_staff_login,
    change_staff_password,
    refuse_staff_login,
    staff_password_demands,
)

NOT_THE_SAME = "Les deux mots de passe ne sont pas les mêmes. Tapez deux fois le nouveau."
WRONG = "Votre mot de passe actuel n'est pas le bon."
REPLACED = "Votre mot de passe a été changé ailleurs à l'instant : celui que vous venez de taper n'est pas enregistré."


class PasswordPage(Page):
    """Opens even when nothing else does."""

    name, path, place, need, listed = "Mot de passe", "/mot-de-passe", "password", Need.LOGIN, False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The form to choose a password of one's own."""
        return self.render("admin/password.html")

    @expose("/", methods=("POST",))
    def change(self) -> ResponseReturnValue:
        """Replace the password; other browsers are logged out."""
        refusal = _change(NewPasswordForm())
        if refusal:
            return self.render("admin/password.html", refusal=refusal), 422
        flash("Votre mot de passe est changé. Vos autres navigateurs ont été déconnectés.", "success")
        return redirect(url_for("admin.index"), 303)


def _change(form: NewPasswordForm) -> str | None:
    if not form.is_typed_twice():
        return NOT_THE_SAME
    if not own_staff().must_change_password and not is_own_password(form.current.data):
        return WRONG
    try:
        judged = judge_own(form.new.data)
        staff = session().get_one(Staff, own_staff().id)
        change_staff_password(caller(), staff, judged)
    except PasswordRefused as refused:
        return refused.problem.value
    except PasswordReplaced:
        return REPLACED
    let_go()
    return None


def judge_own(password: str) -> NewPassword:
    """The password that whoever is logged in wants, hashed; no transaction is open meanwhile.

    Raises:
        PasswordRefused: it is weak, or the one of before.
    """
    demands = staff_password_demands(session(), session().get_one(Staff, own_staff().id))
    let_go()
    return demands.judge(password)


def is_own_password(password: str) -> bool:
    """Whether `password` is the one of whoever is logged in; counted like a login, so that guessing gains nothing.

    Raises:
        TooManyAttempts: wait first.
    """
    candidate = begin_staff_login(caller(), own_staff().login)
    let_go()
    if not candidate.accepts(password):
        refuse_staff_login(caller(), candidate)
        let_go()
        return False
    take_back(session(), candidate.attempt)
    let_go()
    return True
