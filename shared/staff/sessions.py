"""Browsers in which a member of staff is logged in, or is about to be, the code of the second factor still to come."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from shared.limits.browsers import OF_STAFF
from shared.models.staff import Staff, StaffSession
from shared.staff.identities import forget_attempts
from shared.staff.own_email import forget_asked_email

UNTIL_CODE = replace(OF_STAFF, lifetime=timedelta(minutes=10), idle=timedelta(minutes=10))


@dataclass(frozen=True)
class LoggedIn:
    """A member of staff, as one browser showed it."""

    staff: Staff
    through: int | None
    """The identity provider that opened this session; none for a password."""
    proved_factor: bool
    """Whether a second factor was shown in it, here or there."""


def logged_in(session: Session, token: str, now: datetime) -> LoggedIn | None:
    """Who is logged in in the browser holding `token`; nobody once it was closed or the login disabled.

    Nor where the login has a second factor that this very browser never proved: what counts is what the session showed
    when it began, not what the login could show.
    """
    proved = or_(Staff.factor_set_at.is_(None), StaffSession.factor_proved_at >= Staff.factor_set_at)
    held = _holding(token, now).where(~StaffSession.awaits_code, proved)
    row = session.execute(held.add_columns(StaffSession.provider_id, StaffSession.factor_proved_at)).one_or_none()
    return None if row is None else LoggedIn(row[0], row[1], row[2] is not None)


def note_factor_proved(session: Session, token: str, now: datetime) -> None:
    """The browser holding `token` gave a code that only the telephone of its member of staff shows."""
    session.execute(update(StaffSession).where(OF_STAFF.holds(token, now)).values(factor_proved_at=now))


@dataclass(frozen=True)
class CameBy:
    """By which identity provider somebody came in, and what it calls its session."""

    provider_id: int
    session: str
    token: bytes | None = None
    """What ends its session as well, sealed."""


def note_provider(session: Session, token: str, now: datetime, came: CameBy) -> None:
    """The browser holding `token` came in by an identity provider, which may say later that its session ended."""
    values = {
        "provider_id": came.provider_id,
        "provider_session": came.session or None,
        "provider_token": came.token,
    }
    session.execute(update(StaffSession).where(OF_STAFF.holds(token, now)).values(values))


def open_until_code(session: Session, staff: Staff, now: datetime, address: str, browser: str) -> str:
    """The password was right: remember it for ten minutes, in a browser that opens nothing before the code."""
    token = UNTIL_CODE.open(session, staff.id, now, address, browser)
    session.execute(update(StaffSession).where(UNTIL_CODE.holds(token, now)).values(awaits_code=True))
    return token


def came_by(session: Session, token: str, now: datetime) -> CameBy | None:
    """How the browser that holds `token` came, its code still to come or not; none for a password."""
    said = select(StaffSession.provider_id, StaffSession.provider_session, StaffSession.provider_token)
    row = session.execute(said.where(OF_STAFF.holds(token, now))).one_or_none()
    return None if row is None or row[0] is None else CameBy(row[0], row[1] or "", row[2])


def end_provided(session: Session, provider_id: int, *, staff_id: int | None = None, called: str | None = None) -> int:
    """Log out the browsers that came in by a provider: all of them, those of one person, or those of one session.

    Returns how many.
    """
    ended = delete(StaffSession).where(StaffSession.provider_id == provider_id)
    if staff_id is not None:
        ended = ended.where(StaffSession.staff_id == staff_id)
    if called is not None:
        ended = ended.where(StaffSession.provider_session == called)
    return len(session.execute(ended.returning(StaffSession.id)).all())


def staff_awaiting_code(session: Session, token: str, now: datetime) -> Staff | None:
    """The member of staff whose code is still to come in the browser holding `token`; none after ten minutes."""
    return session.scalars(_holding(token, now).where(StaffSession.awaits_code)).one_or_none()


def shut_out(session: Session, staff: Staff, *, but: str | None = None) -> None:
    """Log every browser of `staff` out, except the one holding the token `but`, and forget what was begun there.

    A secret of a second factor that no code confirmed was seen by whoever had it drawn: the telephone must get another.
    """
    OF_STAFF.close_all(session, staff.id, but=but)
    forget_asked_email(session, staff)
    forget_attempts(session, staff)
    if staff.factor_set_at is None:
        staff.factor_secret = None


def _holding(token: str, now: datetime) -> Select[Staff]:
    of_browser = select(Staff).join(StaffSession, StaffSession.staff_id == Staff.id)
    return of_browser.where(OF_STAFF.holds(token, now), Staff.disabled_at.is_(None))
