"""Letting work begin again after a restoration: first what would leave, then leaving it, or dropping what waited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from shared.acting.desk import Act
from shared.journal import COMMAND
from shared.models.background import Restoration
from shared.models.imports.uploads import ImportState, SchoolImport
from shared.models.journal import Action
from shared.models.notifications import (
    WAITING,
    AccountMail,
    Campaign,
    CampaignMail,
    DeliveryState,
    DuplicatesMail,
    Notification,
    StaffMail,
)
from shared.models.reasons import Reason
from shared.models.school import Establishment
from shared.notifications.outbox.completion import note_ends
from shared.notifications.outbox.leases import Deliverable
from shared.refusals import Refusal
from shared.rows.holding import standing_restoration

OWN_MAILS: tuple[type[AccountMail] | type[StaffMail] | type[CampaignMail] | type[DuplicatesMail], ...] = (
    AccountMail,
    StaffMail,
    CampaignMail,
    DuplicatesMail,
)
BEGINS_BY_ITSELF = (ImportState.UPLOADED, ImportState.CHECKING, ImportState.CONFIRMED, ImportState.IMPORTING)


class NothingHeld(Refusal):
    """No restoration waits to be released."""

    def __init__(self) -> None:
        super().__init__("Rien n'est retenu\u00a0: la base n'a pas été restaurée, ou elle est déjà relâchée.")


@dataclass(frozen=True)
class WaitingCampaign:
    """What is left of one campaign."""

    uai: str
    title: str
    created_at: datetime
    channel: str
    rows: int


@dataclass(frozen=True)
class Waiting:
    """What leaves, or begins, once it is released."""

    restoration: Restoration
    campaigns: Sequence[WaitingCampaign]
    portal_mails: int
    """To families and staff, beside campaigns."""
    imports: int


def what_waits(session: Session) -> Waiting:
    """What would leave again, of all establishments; the number of queries does not depend on it.

    Raises:
        NothingHeld: no restoration waits to be released.
    """
    restoration = standing_restoration(session)
    if restoration is None:
        raise NothingHeld
    grouped = (
        select(Establishment.uai, Campaign.title, Campaign.created_at, Notification.channel, func.count())
        .join(Campaign, Campaign.id == Notification.campaign_id)
        .join(Establishment, Establishment.id == Campaign.establishment_id)
        .where(Notification.delivery.in_(WAITING), Campaign.cancelled_at.is_(None))
        .group_by(Campaign.id, Establishment.uai, Campaign.title, Campaign.created_at, Notification.channel)
        .order_by(Campaign.id, Notification.channel)
    )
    return Waiting(
        restoration,
        [WaitingCampaign(*row) for row in session.execute(grouped)],
        sum(
            session.scalar(select(func.count()).select_from(rows).where(rows.delivery.in_(WAITING))) or 0
            for rows in OWN_MAILS
        ),
        session.scalar(select(func.count()).where(SchoolImport.state.in_(BEGINS_BY_ITSELF))) or 0,
    )


def release(session: Session, now: datetime, *, drop: bool) -> int:
    """Let the work begin; `drop` first skips the mails and letters that waited in the copy. Returns how many it skips.

    What was asked for since the restoration leaves in any case, and imports begin.

    Raises:
        NothingHeld: no restoration waits to be released.
    """
    restoration = standing_restoration(session)
    if restoration is None:
        raise NothingHeld
    dropped = _drop_what_waited(session, restoration.restored_at, now) if drop else 0
    restoration.released_at, restoration.standing = now, None
    Act(session, COMMAND, now).record(Action.BASE_RELEASED, details={"dropped": dropped} if drop else {})
    return dropped


def _drop_what_waited(session: Session, restored_at: datetime, now: datetime) -> int:
    of_before = select(Campaign.id).where(Campaign.created_at <= restored_at)
    dropped = _skip(session, Notification, Notification.campaign_id.in_(of_before), now)
    for rows in OWN_MAILS:
        dropped += _skip(session, rows, rows.created_at <= restored_at, now)
    note_ends(session, now)
    return dropped


def _skip(session: Session, rows: Deliverable, condition: ColumnElement[bool], now: datetime) -> int:
    skipped = {
        "delivery": DeliveryState.SKIPPED,
        "error": Reason.RESTORED,
        "lease": None,
        "next_attempt_at": None,
        "settled_at": now,
    }
    # What the mail server is known to have taken is settled as sent by the next worker.
    waited = update(rows).where(rows.delivery.in_(WAITING), rows.handed_over_at.is_(None), condition)
    found = session.execute(
        waited.values(**skipped).returning(rows.id), execution_options={"synchronize_session": False}
    )
    return len(found.all())
