"""What opens a login beside its password: the persons that a member of staff is for identity providers (R34)."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.models.access.identity_providers import ProvidedRole, SignOnAttempt, StaffIdentity
from shared.models.staff import Staff

OPENED_BY_NONE = "!"
"""No hash of anything: whoever came in from elsewhere first has no password here."""


def has_password(staff: Staff) -> bool:
    """Whether a member of staff can come in without any provider."""
    return staff.password_hash != OPENED_BY_NONE


def forget_identities(session: Session, staff: Staff) -> None:
    """Let nobody come in under this login by a provider any more, with what providers said of it.

    Whoever held the login may have joined a person of their own to it: another password alone leaves that door open.
    """
    session.execute(delete(StaffIdentity).where(StaffIdentity.staff_id == staff.id))
    session.execute(delete(ProvidedRole).where(ProvidedRole.staff_id == staff.id))


def forget_attempts(session: Session, staff: Staff) -> None:
    """Let no browser that was sent to a provider to be joined to this login finish it."""
    session.execute(delete(SignOnAttempt).where(SignOnAttempt.staff_id == staff.id))
