"""Which mails a worker takes next: as many as may leave now, those that somebody waits for first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from shared.models.notifications import (
    AccountMail,
    CampaignMail,
    Channel,
    DeliveryState,
    DuplicatesMail,
    Notification,
    StaffMail,
)
from shared.notifications.outbox.leases import Claim, Deliverable, claim
from shared.notifications.outbox.outages import lock_outage
from shared.notifications.outbox.rate_limit import mails_allowed
from shared.rows.leases import LEASE

MAILS_AT_ONCE = 50
# First the mails that somebody is waiting for in front of the screen.
_QUEUES: tuple[tuple[Deliverable, tuple[ColumnElement[bool], ...]], ...] = (
    (AccountMail, ()),
    (StaffMail, ()),
    (CampaignMail, ()),
    (DuplicatesMail, ()),
    (Notification, (Notification.channel == Channel.MAIL,)),
)


@dataclass(frozen=True)
class Lot:
    """Mails of one table that this worker alone may send until the lease runs out."""

    rows: Deliverable
    claimed: Claim
    started: datetime
    is_trial: bool
    """Whether the server failed last time: this one mail tells whether it is back."""

    @property
    def leased_until(self) -> datetime:
        """When another worker may take them over."""
        return self.started + LEASE


class NotYet(Exception):
    """As many mails left as the minute allows: ask again in a moment."""


def take_lot(session: Session, per_minute: int, now: datetime) -> Lot | None:
    """Take the next mails; none when nothing is due, or when the mail server is away. The caller commits at once.

    Raises:
        NotYet: the limit is reached; nothing was claimed.
    """
    outage = lock_outage(session)
    if outage is not None and outage.next_trial_at > now:
        return None
    most = mails_allowed(session, per_minute, now, MAILS_AT_ONCE if outage is None else 1)
    if not most:
        raise NotYet
    for rows, conditions in _QUEUES:
        claimed = _claim_some(session, rows, now, conditions, most)
        if claimed is not None:
            if outage is not None:
                outage.next_trial_at = now + LEASE
            return Lot(rows, claimed, now, is_trial=outage is not None)
    return None


def _claim_some(
    session: Session, rows: Deliverable, now: datetime, conditions: tuple[ColumnElement[bool], ...], most: int
) -> Claim | None:
    """Due rows in one state, so that an index gives them in order.

    What a dead worker left behind is taken one by one: a mail that kills whoever sends it counts against itself only.
    """
    for state, number in ((DeliveryState.SENDING, 1), (DeliveryState.TO_RETRY, most), (DeliveryState.TO_SEND, most)):
        claimed = claim(session, rows, now, *conditions, state=state, limit=number)
        if claimed is not None:
            return claimed
    return None
