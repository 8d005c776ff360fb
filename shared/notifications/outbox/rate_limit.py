"""How fast a channel may deliver: so many a minute, counted over all workers, and what its server asks for."""

from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from shared.models.notifications import Channel, DeliveryState
from shared.notifications.outbox.queues import Carried, Queue
from shared.rows.leases import LEASE

SHORTEST_WINDOW = timedelta(seconds=6)
"""A minute's mails are spread over its tenths rather than sent at its beginning."""
LONGEST_LOT = timedelta(seconds=2)
"""A lot that takes longer is given back: pauses, and mails that parents wait for, do not wait behind it."""
FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 1.0

_ONE_COUNTS_AT_A_TIME = {channel: 7_402_111 + number for number, channel in enumerate(Channel)}
"""The lock of PostgreSQL under which the workers of a channel count; SQLite has one writer anyway."""


def how_many_may_leave(session: Session, carried: Carried, per_minute: int, now: datetime, most: int) -> int:
    """How many more rows of a channel may leave at `now`, `most` at most; no limit but that when `per_minute` is 0.

    The caller claims them in the same transaction: two workers never count at once.
    """
    if not per_minute:
        return most
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_ONE_COUNTS_AT_A_TIME[carried.channel])))
    window = max(SHORTEST_WINDOW, timedelta(minutes=1) / per_minute)
    allowed = max(1, int(per_minute * (window / timedelta(minutes=1))))
    handed_over = sum(_handed_over(session, queue, now, window) for queue in carried.queues)
    return max(0, min(most, allowed - handed_over))


def _handed_over(session: Session, queue: Queue, now: datetime, window: timedelta) -> int:
    rows, conditions = queue
    since = now - window
    # What was settled "later than now" dates from before the clock was set back.
    settled = and_(
        rows.delivery.in_((DeliveryState.SENT, DeliveryState.REFUSED)), rows.settled_at > since, rows.settled_at <= now
    )
    on_its_way = and_(
        rows.delivery == DeliveryState.SENDING,
        or_(
            rows.handed_over_at > since,
            and_(rows.handed_over_at.is_(None), rows.next_attempt_at > since - LONGEST_LOT + LEASE),
        ),
    )
    count = select(func.count()).select_from(rows).where(or_(settled, on_its_way), *conditions)
    return session.scalar(count) or 0


class Restraint:
    """The pause between two mails that a server which says « later » gets, found by trying.

    It doubles each time a mail is put off, and shrinks by a tenth with each mail taken: a server that takes five mails
    a second soon gets hardly more, and the others are not put off ten times in a row until they are given up.
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    def put_off(self) -> None:
        """The server asked to come back later."""
        self.seconds = min(LONGEST_WAIT_SECONDS, max(FIRST_WAIT_SECONDS, 2 * self.seconds))

    def taken(self) -> None:
        """The server took a mail."""
        self.seconds *= 0.9
        if self.seconds < FIRST_WAIT_SECONDS / 4:
            self.seconds = 0.0
