"""Which rows a worker takes next: as many as may leave now, those that somebody waits for first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from shared.models.notifications import DeliveryState
from shared.notifications.outbox.leases import Claim, Deliverable, claim
from shared.notifications.outbox.outages import lock_outage
from shared.notifications.outbox.queues import Carried
from shared.notifications.outbox.rate_limit import how_many_may_leave
from shared.rows.leases import LEASE

ROWS_AT_ONCE = 50


@dataclass(frozen=True)
class Lot:
    """Rows of one table that this worker alone may hand over until the lease runs out."""

    claimed: Claim
    started: datetime
    is_trial: bool
    """Whether the server failed last time: this one row tells whether it is back."""

    @property
    def rows(self) -> Deliverable:
        """Their table."""
        return self.claimed.rows

    @property
    def leased_until(self) -> datetime:
        """When another worker may take them over."""
        return self.started + LEASE


class NotYet(Exception):
    """As many left as the minute allows: ask again in a moment."""


def take_lot(session: Session, carried: Carried, per_minute: int, now: datetime) -> Lot | None:
    """Take the next rows of a channel; none when nothing is due, or its server is away. The caller commits at once.

    Raises:
        NotYet: the limit is reached; nothing was claimed.
    """
    outage = lock_outage(session, carried.channel)
    if outage is not None and outage.next_trial_at > now:
        return None
    most = how_many_may_leave(session, carried, per_minute, now, ROWS_AT_ONCE if outage is None else 1)
    if not most:
        raise NotYet
    for rows, conditions in carried.queues:
        claimed = _claim_some(session, rows, now, conditions, most)
        if claimed is not None:
            if outage is not None:
                outage.next_trial_at = now + LEASE
            return Lot(claimed, now, is_trial=outage is not None)
    return None


def _claim_some(
    session: Session, rows: Deliverable, now: datetime, conditions: tuple[ColumnElement[bool], ...], most: int
) -> Claim | None:
    """Due rows in one state, so that an index gives them in order.

    What a dead worker left behind is taken one by one: a row that kills whoever sends it counts against itself only.
    """
    for state, number in ((DeliveryState.SENDING, 1), (DeliveryState.TO_RETRY, most), (DeliveryState.TO_SEND, most)):
        claimed = claim(session, rows, now, *conditions, state=state, limit=number)
        if claimed is not None:
            return claimed
    return None
