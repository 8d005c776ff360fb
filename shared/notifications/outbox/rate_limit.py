"""How fast mails may leave: `MAIL_PER_MINUTE`, counted over all workers, and what the server itself asks for."""

from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
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
from shared.notifications.outbox.leases import Deliverable
from shared.rows.leases import LEASE

SHORTEST_WINDOW = timedelta(seconds=6)
"""A minute's mails are spread over its tenths rather than sent at its beginning."""
LONGEST_LOT = timedelta(seconds=2)
"""A lot that takes longer is given back: pauses, and mails that parents wait for, do not wait behind it."""
FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 1.0

_EVERY_MAIL: tuple[Deliverable, ...] = (Notification, AccountMail, StaffMail, CampaignMail, DuplicatesMail)
_ONE_COUNTS_AT_A_TIME = 7_402_111
"""The lock of PostgreSQL under which workers count; SQLite has one writer anyway."""


def mails_allowed(session: Session, per_minute: int, now: datetime, most: int) -> int:
    """How many more mails may leave at `now`, `most` at most; no limit but that when `per_minute` is 0.

    The caller claims them in the same transaction: two workers never count at once.
    """
    if not per_minute:
        return most
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_ONE_COUNTS_AT_A_TIME)))
    window = max(SHORTEST_WINDOW, timedelta(minutes=1) / per_minute)
    allowed = max(1, int(per_minute * (window / timedelta(minutes=1))))
    handed_over = sum(_handed_over(session, rows, now, window) for rows in _EVERY_MAIL)
    return max(0, min(most, allowed - handed_over))


def _handed_over(session: Session, rows: Deliverable, now: datetime, window: timedelta) -> int:
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
    count = select(func.count()).select_from(rows).where(or_(settled, on_its_way))
    if rows is Notification:
        count = count.where(Notification.channel == Channel.MAIL)
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
