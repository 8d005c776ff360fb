"""Who is logged in: the cookie holds the token of one browser, the database what it opens."""

import flask
from flask import request
from flask_login import LoginManager, UserMixin, current_user, login_user
from sqlalchemy.orm import Session

from admin_app.installation import network_address, session
from shared import clock
from shared.browsers import OF_STAFF
from shared.journal import Actor
from shared.models.staff import Staff
from shared.staff.logins import staff_actor
from shared.staff.sessions import staff_of

login_manager = LoginManager()
# It would log out a laptop that changes network; each cookie has its own row in the database instead.
login_manager.session_protection = None


class Visitor(UserMixin):
    """A browser in which a member of staff is logged in."""

    def __init__(self, staff: Staff, token: str) -> None:
        self.staff = staff
        self.token = token

    def get_id(self) -> str:
        """What the signed cookie holds."""
        return self.token


@login_manager.user_loader
def visitor_with(token: str) -> Visitor | None:
    """The visitor whose cookie holds `token`; none once logged out, here or elsewhere, or once the login was closed."""
    staff = staff_of(session(), token, clock.now())
    return None if staff is None else Visitor(staff, token)


def visitor() -> Visitor | None:
    """Whoever is logged in."""
    found = current_user._get_current_object()
    return found if isinstance(found, Visitor) else None


def own_staff() -> Staff:
    """The member of staff logged in, as read when the request began, on pages that nobody else opens."""
    staff: Staff = current_user.staff
    return staff


def own_token() -> str:
    """The token of this browser."""
    token: str = current_user.token
    return token


def actor() -> Actor:
    """The member of staff logged in, for the journal."""
    return staff_actor(own_staff(), network_address())


def welcome(database_session: Session, staff: Staff) -> str:
    """Give this browser a session of `staff`; `enter` hands its token over once it is committed."""
    browser = request.headers.get("User-Agent", "")
    return OF_STAFF.open(database_session, staff.id, clock.now(), network_address(), browser)


def enter(staff: Staff, token: str) -> None:
    """Log this browser in: nothing of an earlier cookie survives, so that no one can prepare it."""
    flask.session.clear()
    login_user(Visitor(staff, token))


def leave() -> None:
    """Forget everything this browser's cookie held."""
    flask.session.clear()
