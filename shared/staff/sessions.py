"""Browsers in which a member of staff is logged in."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.browsers import OF_STAFF
from shared.models.staff import Staff, StaffSession


def staff_of(session: Session, token: str, now: datetime) -> Staff | None:
    """The member of staff logged in in the browser holding `token`; none once it was closed or the login disabled."""
    of_browser = select(Staff).join(StaffSession, StaffSession.staff_id == Staff.id)
    return session.scalars(of_browser.where(OF_STAFF.holds(token, now), Staff.disabled_at.is_(None))).one_or_none()
