"""« Connexion » and « Déconnexion »."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_app import access
from admin_app.access import Need
from admin_app.installation import network_address, session, today
from admin_app.page import Page, expose
from admin_app.visitors import enter, leave, own_token, visitor, welcome
from shared import clock
from shared.browsers import OF_STAFF
from shared.models.staff import Staff
from shared.staff.access import establishments_open_to
from shared.staff.logins import (
    StaffCandidate,
    StaffDisabled,
    begin_staff_login,
    complete_staff_login,
    refuse_staff_login,
)

WRONG = "L'identifiant ou le mot de passe n'est pas le bon. Vérifiez les deux, puis recommencez."
CLOSED = "Cet accès a été fermé. Adressez-vous au chef d'établissement."


class LoginPage(Page):
    """The only page that opens for everybody."""

    name, path, place, need, listed = "Connexion", "/connexion", "login", Need.NOTHING, False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The form."""
        if visitor() is not None:
            return redirect(url_for("admin.index"), 303)
        return self.render("admin/login.html")

    @expose("/", methods=("POST",))
    def submit(self) -> ResponseReturnValue:
        """Log in; a wrong password and an unknown login get one and the same answer."""
        login, password = request.form.get("login", ""), request.form.get("password", "")
        candidate = begin_staff_login(session(), login, network_address(), clock.now())
        # Committed first: no lock is held while the password is looked at.
        session().commit()
        refusal = _log_in(candidate) if candidate.accepts(password) else _refuse(candidate)
        if refusal:
            return self.render("admin/login.html", login=login, refusal=refusal), 422
        return redirect(access.wanted_page(), 303)


class LogoutPage(Page):
    """A button, not a link: no other site can press it."""

    name, path, place, need, listed = "Déconnexion", "/deconnexion", "logout", Need.LOGIN, False

    @expose("/", methods=("POST",))
    def index(self) -> ResponseReturnValue:
        """End the session in the database too: the cookie, kept by somebody, opens nothing any more."""
        OF_STAFF.close(session(), own_token())
        session().commit()
        leave()
        flash("Vous êtes déconnecté.", "info")
        return redirect(url_for("login.index"), 303)


def _log_in(candidate: StaffCandidate) -> str | None:
    now = clock.now()
    try:
        staff = complete_staff_login(session(), candidate, now, network_address())
    except StaffDisabled:
        session().commit()
        return CLOSED
    token = welcome(session(), staff)
    session().commit()
    wanted = access.wanted_page()
    enter(staff, token)
    access.want(wanted)
    _choose_the_only_one(session(), staff)
    return None


def _refuse(candidate: StaffCandidate) -> str:
    refuse_staff_login(session(), candidate, clock.now(), network_address())
    session().commit()
    return WRONG


def _choose_the_only_one(database_session: Session, staff: Staff) -> None:
    open_to = establishments_open_to(database_session, staff, today(), limit=2)
    if len(open_to) == 1:
        access.choose(open_to[0].id, only_one=True)
