"""Who is logged in: the cookie holds the token of one browser, the database what it opens."""

import flask
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy.orm import Session

from admin_app.installation import network_address, session, today
from shared import clock
from shared.acting.caller import Caller
from shared.journal import Actor
from shared.limits.browsers import OF_STAFF, stamp
from shared.models.staff import Staff
from shared.staff.access import StaffVisit
from shared.staff.logins import staff_actor
from shared.staff.sessions import (
    CameBy,
    logged_in,
    note_factor_proved,
    note_provider,
    open_until_code,
    staff_awaiting_code,
)
from shared.web.devices import browser_name, came_in, device

AWAITS_CODE = "awaits_code"

login_manager = LoginManager()
# It would log out a laptop that changes network; each cookie has its own row in the database instead.
login_manager.session_protection = None


class Visitor(UserMixin):
    """A browser in which a member of staff is logged in."""

    def __init__(self, staff: Staff, token: str, *, through: int | None = None, proved_factor: bool = False) -> None:
        self.staff = staff
        self.token = token
        self.through = through
        self.proved_factor = proved_factor

    @property
    def must_have_factor_here(self) -> bool:
        """Whether a second factor may have to be set here: none is, and no provider saw one when it opened this."""
        return self.staff.factor_set_at is None and not (self.proved_factor and self.through is not None)

    def get_id(self) -> str:
        """What the signed cookie holds."""
        return self.token


@login_manager.user_loader
def visitor_with(token: str) -> Visitor | None:
    """The visitor whose cookie holds `token`; none once logged out, here or elsewhere, or once the login was closed."""
    if OF_STAFF.is_left_alone(flask.session, clock.now()):
        return None
    known = logged_in(session(), token, clock.now())
    if known is None:
        return None
    stamp(flask.session, clock.now())
    return Visitor(known.staff, token, through=known.through, proved_factor=known.proved_factor)


def visitor() -> Visitor | None:
    """Whoever is logged in."""
    found = current_user._get_current_object()
    return found if isinstance(found, Visitor) else None


def own_staff() -> Staff:
    """The member of staff logged in, as read when the request began, on pages that nobody else opens."""
    staff: Staff = current_user.staff
    return staff


def own_visit() -> StaffVisit:
    """The member of staff logged in, today, by what opened this session, on pages that nobody else opens."""
    return StaffVisit(own_staff(), today(), current_user.through)


def own_token() -> str:
    """The token of this browser."""
    token: str = current_user.token
    return token


def caller() -> Caller:
    """Whoever sent this request, logged in or not, for a rule."""
    known = visitor()
    return Caller(session(), clock.now(), network_address(), device(), known.token if known else None)


def actor() -> Actor:
    """The member of staff logged in, for the journal."""
    return staff_actor(own_staff(), network_address())


def welcome(database_session: Session, staff: Staff, *, proved_factor: bool, came: CameBy | None = None) -> str:
    """Give this browser a session of `staff`; `enter` hands its token over once it is committed."""
    token = OF_STAFF.open(database_session, staff.id, clock.now(), network_address(), browser_name())
    if came is not None:
        note_provider(database_session, token, clock.now(), came)
    if proved_factor:
        note_factor_proved(database_session, token, clock.now())
    return token


def wait_for_code(database_session: Session, staff: Staff, came: CameBy | None = None) -> str:
    """Note that this browser gave the right password; `keep_waiting` hands its token over once it is committed."""
    token = open_until_code(database_session, staff, clock.now(), network_address(), browser_name())
    if came is not None:
        note_provider(database_session, token, clock.now(), came)
    return token


def keep_waiting(token: str) -> None:
    """Let this browser come with the code that is still to come; it opens nothing before."""
    flask.session[AWAITS_CODE] = token


def waiting_token() -> str:
    """The token of a browser whose code is still to come; empty when there is none."""
    token: str = flask.session.get(AWAITS_CODE, "")
    return token


def waiting_staff(database_session: Session) -> Staff | None:
    """The member of staff whose password this browser gave, and whose code is still to come."""
    return staff_awaiting_code(database_session, waiting_token(), clock.now())


def enter(staff: Staff, token: str) -> None:
    """Log this browser in: nothing of an earlier cookie survives, so that no one can prepare it."""
    flask.session.clear()
    came_in()
    stamp(flask.session, clock.now())
    login_user(Visitor(staff, token))


def leave() -> None:
    """Forget everything this browser's cookie held."""
    flask.session.clear()


def be_nobody() -> None:
    """Whoever has just left is nobody on the page that says so."""
    logout_user()
    flask.g.pop("access", None)
