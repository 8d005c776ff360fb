"""Browsers in which a member of staff is logged in, or is about to be, the code of the second factor still to come."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from shared.models.staff import Staff, StaffSession
from shared.web.browsers import OF_STAFF

UNTIL_CODE = replace(OF_STAFF, lifetime=timedelta(minutes=10), idle=timedelta(minutes=10))


def staff_of(session: Session, token: str, now: datetime) -> Staff | None:
    """The member of staff logged in in the browser holding `token`; none once it was closed or the login disabled.

    Nor where the login has a second factor that this very browser never proved: what counts is what the session showed
    when it began, not what the login could show.
    """
    proved = or_(Staff.factor_set_at.is_(None), StaffSession.factor_proved_at >= Staff.factor_set_at)
    return session.scalars(_holding(token, now).where(~StaffSession.awaits_code, proved)).one_or_none()


def note_factor_proved(session: Session, token: str, now: datetime) -> None:
    """The browser holding `token` gave a code that only the telephone of its member of staff shows."""
    session.execute(update(StaffSession).where(OF_STAFF.holds(token, now)).values(factor_proved_at=now))


def open_until_code(session: Session, staff: Staff, now: datetime, address: str, browser: str) -> str:
    """The password was right: remember it for ten minutes, in a browser that opens nothing before the code."""
    token = UNTIL_CODE.open(session, staff.id, now, address, browser)
    session.execute(update(StaffSession).where(UNTIL_CODE.holds(token, now)).values(awaits_code=True))
    return token


def staff_awaiting_code(session: Session, token: str, now: datetime) -> Staff | None:
    """The member of staff whose code is still to come in the browser holding `token`; none after ten minutes."""
    return session.scalars(_holding(token, now).where(StaffSession.awaits_code)).one_or_none()


def shut_out(session: Session, staff: Staff, *, but: str | None = None) -> None:
    """Log every browser of `staff` out, except the one holding the token `but`, and forget what was begun there.

    A secret of a second factor that no code confirmed was seen by whoever had it drawn: the telephone must get another.
    """
    OF_STAFF.close_all(session, staff.id, but=but)
    if staff.factor_set_at is None:
        staff.factor_secret = None


def _holding(token: str, now: datetime) -> Select[Staff]:
    of_browser = select(Staff).join(StaffSession, StaffSession.staff_id == Staff.id)
    return of_browser.where(OF_STAFF.holds(token, now), Staff.disabled_at.is_(None))
