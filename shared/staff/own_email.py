"""The address of a member of staff: entered with the password, counted once the link mailed there is confirmed."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.acting.desk import Act
from shared.config import Settings
from shared.emails import EmailInvalid, normal_email
from shared.models.journal import Action
from shared.models.notifications import StaffMailKind
from shared.models.staff import Staff, StaffEmailChange
from shared.outbox import queue_staff_mail
from shared.proofs.signatures import is_signature, proof_in, signature

LINK_LASTS = timedelta(hours=72)
PATH = "mon-compte/adresse"
"""Where the back office answers to the link, below its public address."""


class StaffEmailRefused(Exception):
    """The address cannot be that of a member of staff, or a link confirms nothing; the message says why, in French."""


def ask_own_email(act: Act, staff: Staff, email: str) -> None:
    """Let a link leave to `email`, which counts once it is confirmed; the address of before is told at once.

    An earlier demand is replaced. The caller has asked for the password again.

    Raises:
        StaffEmailRefused: no address, or the present one.
    """
    try:
        email = normal_email(email)
    except EmailInvalid:
        raise StaffEmailRefused(
            "Cette adresse e-mail n'est pas valable. Vérifiez-la : un nom, @, puis un domaine, sans accent ni espace."
        ) from None
    if email == staff.email:
        raise StaffEmailRefused("C'est déjà votre adresse.")
    act.session.merge(StaffEmailChange(staff_id=staff.id, email=email, nonce=secrets.token_hex(16), asked_at=act.now))
    queue_staff_mail(act.session, StaffMailKind.CONFIRM_EMAIL, staff, email, act.now)
    if staff.email:
        queue_staff_mail(act.session, StaffMailKind.EMAIL_ASKED, staff, staff.email, act.now)
    act.record(Action.STAFF_EMAIL_ASKED, subject=staff.login)


def asked_email(session: Session, staff: Staff, now: datetime) -> StaffEmailChange | None:
    """The address that waits for its confirmation, if any."""
    asked = session.get(StaffEmailChange, staff.id, populate_existing=True)
    return asked if asked is not None and asked.asked_at > now - LINK_LASTS else None


def find_asked_email(session: Session, settings: Settings, staff: Staff, token: str, now: datetime) -> StaffEmailChange:
    """The demand of `staff` that `token`, the last part of the link, confirms. Looking changes nothing.

    Raises:
        StaffEmailRefused: another demand replaced it, it was given up, is too old, or is somebody else's.
    """
    asked = asked_email(session, staff, now)
    if asked is None or not is_signature(proof_in(token), _signature(settings, asked)):
        raise StaffEmailRefused(
            "Ce lien ne confirme rien : il a déjà servi, il est trop ancien, ou il a été remplacé. Donnez de nouveau "
            "votre adresse."
        )
    return asked


def confirm_own_email(act: Act, settings: Settings, staff: Staff, token: str) -> str:
    """Take the address that the link was mailed to; the one of before is told. Returns the new one.

    Raises:
        StaffEmailRefused: as `find_asked_email`.
    """
    act.session.refresh(staff, with_for_update=True)
    asked = find_asked_email(act.session, settings, staff, token, act.now)
    former, staff.email = staff.email, asked.email
    act.session.delete(asked)
    if former:
        queue_staff_mail(act.session, StaffMailKind.EMAIL_CHANGED, staff, former, act.now)
    act.record(Action.STAFF_EMAIL_CHANGED, subject=staff.login)
    return staff.email


def forget_asked_email(session: Session, staff: Staff) -> None:
    """Let the link that was mailed confirm nothing any more: whoever asked for it may be somebody else."""
    session.execute(delete(StaffEmailChange).where(StaffEmailChange.staff_id == staff.id))


def link_address(settings: Settings, asked: StaffEmailChange) -> str:
    """The address that the mail carries; only `SECRET_KEY` and the row together give it."""
    return f"{settings.public_admin_url}/{PATH}/{_signature(settings, asked)}"


def _signature(settings: Settings, asked: StaffEmailChange) -> str:
    return signature(settings, "staff-email", asked.staff_id, asked.email, asked.nonce)
