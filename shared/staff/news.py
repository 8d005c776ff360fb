"""« Quoi de neuf »: what a member of staff has read of it, and what the others did in the establishment since then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, not_, select
from sqlalchemy.orm import Session

from shared.models.journal import ActorKind, JournalEvent
from shared.models.staff import Staff
from shared.rows.paging import newest

MOST_READ = 2000
"""Events that are looked at, the last ones: the page takes as long in September as in July."""
AT_FIRST = timedelta(days=7)
"""What is told of to whoever never marked anything as read."""


@dataclass(frozen=True)
class Happened:
    """What others did, all that is of one kind together."""

    action: str
    count: int
    last_at: datetime
    last_by: str


def happened_since(session: Session, establishment_id: int, staff: Staff, now: datetime) -> Sequence[Happened]:
    """What was done in an establishment by others since `staff` read the news, the last first; in one query."""
    last = newest(
        select(JournalEvent).where(JournalEvent.establishment_id == establishment_id), JournalEvent.id, None, MOST_READ
    ).subquery()
    own = and_(last.c.actor_kind == ActorKind.STAFF, last.c.actor_id == staff.id)
    told = select(func.max(last.c.id).label("id"), func.count().label("count")).group_by(last.c.action)
    # What is said once for each account was asked for by an event of its own.
    told = told.where(last.c.at > (staff.news_seen_at or now - AT_FIRST), last.c.account_id.is_(None), not_(own))
    counted = told.subquery()
    rows = session.execute(
        select(JournalEvent.action, counted.c.count, JournalEvent.at, JournalEvent.actor_name)
        .join(counted, counted.c.id == JournalEvent.id)
        .order_by(JournalEvent.id.desc())
    )
    return [Happened(*row) for row in rows]


def mark_read(staff: Staff, number: int, now: datetime) -> None:
    """Note that `staff` read the news up to the entry of this number, and what the others did until now."""
    staff.news_seen, staff.news_seen_at = max(number, staff.news_seen or 0), now
