"""Who is logged in: the cookie holds the token of one browser, the database what it opens."""

from typing import cast

import flask
from flask import Flask, current_app, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_user
from sqlalchemy.orm import Session

from admin_app.installation import network_address, session
from shared import clock
from shared.journal import Actor
from shared.limits.devices import DeviceCookie
from shared.models.staff import Staff
from shared.staff.logins import staff_actor
from shared.staff.sessions import note_factor_proved, open_until_code, staff_awaiting_code, staff_of
from shared.web.browsers import OF_STAFF, stamp

AWAITS_CODE = "awaits_code"

DEVICE = "device"

login_manager = LoginManager()
# It would log out a laptop that changes network; each cookie has its own row in the database instead.
login_manager.session_protection = None


class Sessions(SecureCookieSessionInterface):
    """The cookie of the session, and after it the one of the browser that somebody came in with."""

    def save_session(self, app: Flask, session: SessionMixin, response: flask.Response) -> None:
        """Write both."""
        super().save_session(app, session, response)
        if g.get("came_in"):
            _device_cookie().give(response, device())


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
    if OF_STAFF.is_left_alone(flask.session, clock.now()):
        return None
    staff = staff_of(session(), token, clock.now())
    if staff is None:
        return None
    stamp(flask.session, clock.now())
    return Visitor(staff, token)


def keep_devices(app: Flask, cookie: DeviceCookie) -> None:
    """Let browsers be known again by `cookie`."""
    app.extensions[DEVICE] = cookie
    app.session_interface = Sessions()


def device() -> str:
    """What this browser is known by where somebody came in with it before, or will be."""
    if DEVICE not in g:
        g.device = _device_cookie().held(request.cookies)
    held: str = g.device
    return held


def _device_cookie() -> DeviceCookie:
    return cast(DeviceCookie, current_app.extensions[DEVICE])


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


def _browser() -> str:
    return request.headers.get("User-Agent", "")


def welcome(database_session: Session, staff: Staff, *, proved_factor: bool) -> str:
    """Give this browser a session of `staff`; `enter` hands its token over once it is committed."""
    token = OF_STAFF.open(database_session, staff.id, clock.now(), network_address(), _browser())
    if proved_factor:
        note_factor_proved(database_session, token, clock.now())
    return token


def wait_for_code(database_session: Session, staff: Staff) -> str:
    """Note that this browser gave the right password; `keep_waiting` hands its token over once it is committed."""
    return open_until_code(database_session, staff, clock.now(), network_address(), _browser())


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
    g.came_in = True
    stamp(flask.session, clock.now())
    login_user(Visitor(staff, token))


def leave() -> None:
    """Forget everything this browser's cookie held."""
    flask.session.clear()
