"""A member of staff is told when somebody comes in under that name with a browser never seen (R27)."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.limits.familiar_places import OF_STAFF, Place
from shared.limits.security_policy import tells_of_new_devices
from shared.models.notifications import StaffMail, StaffMailKind
from shared.models.staff import Staff
from shared.outbox import queue_staff_mail

TIME_BETWEEN_MAILS = timedelta(hours=1)
"""A browser that keeps no cookie is new each time."""


def tell_staff_of_new_device(session: Session, staff: Staff, place: Place, now: datetime) -> None:
    """Let a mail leave to the address of `staff`, unless the académie does without.

    Not at the first login, nor at the first one after everybody was shut out: no browser was known then. To be called
    before the browser is noted.
    """
    if not staff.email or not OF_STAFF.is_any_known(session, staff.id, now):
        return
    is_known = place.device and OF_STAFF.knows(session, staff.id, place.device, now)
    if is_known or not tells_of_new_devices(session) or _was_told_lately(session, staff, now):
        return
    queue_staff_mail(session, StaffMailKind.NEW_DEVICE, staff, staff.email, now)


def _was_told_lately(session: Session, staff: Staff, now: datetime) -> bool:
    told = select(StaffMail.id).where(
        StaffMail.staff_id == staff.id,
        StaffMail.kind == StaffMailKind.NEW_DEVICE,
        StaffMail.created_at > now - TIME_BETWEEN_MAILS,
    )
    return session.scalar(told.limit(1)) is not None
