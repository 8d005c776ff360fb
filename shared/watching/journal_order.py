"""The journal from one event on, in order, and none left out: what a reader that remembers one number needs.

On PostgreSQL an event gets its number before its transaction is over: one with a lower number may appear after one that
was read already. So a number that is missing is waited for, until every transaction is over that was there when a
higher one was seen: then nobody will ever write it. SQLite writes one transaction after the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared.models.journal import JournalEvent

_SNAPSHOT = text(
    "SELECT CAST(CAST(pg_snapshot_xmin(shot) AS text) AS bigint), CAST(CAST(pg_snapshot_xmax(shot) AS text) AS bigint)"
    " FROM pg_current_snapshot() AS shot"
)


@dataclass(frozen=True)
class _Sight:
    """The highest number that was seen, and the transaction that had not begun by then."""

    highest: int
    next_transaction: int


class InOrder:
    """Reads on from the event `last_id`."""

    def __init__(self, last_id: int) -> None:
        self.last_id = last_id
        """The newest event that was given out; everything before it was, too."""
        self._sight: _Sight | None = None

    def next_page(self, session: Session, limit: int) -> list[JournalEvent]:
        """The events that follow; none when there is none, or when an earlier one may still come."""
        if session.get_bind().dialect.name != "postgresql":
            page = list(self._read(session, limit))
        else:
            oldest_at_work, _ = session.execute(_SNAPSHOT).one()
            rows = self._read(session, limit)
            page = list(self._before_what_may_come(rows, oldest_at_work))
            if rows and (self._sight is None or self._sight.highest <= self.last_id or page):
                _, next_transaction = session.execute(_SNAPSHOT).one()
                self._sight = _Sight(rows[-1].id, next_transaction)
        if page:
            self.last_id = page[-1].id
        return page

    def _read(self, session: Session, limit: int) -> list[JournalEvent]:
        events = select(JournalEvent).where(JournalEvent.id > self.last_id).order_by(JournalEvent.id).limit(limit)
        return list(session.scalars(events))

    def _before_what_may_come(self, rows: list[JournalEvent], oldest_at_work: int) -> Iterator[JournalEvent]:
        sight = self._sight
        final = sight.highest if sight is not None and oldest_at_work >= sight.next_transaction else 0
        last = self.last_id
        for event in rows:
            if event.id != last + 1 and event.id > final:
                return
            yield event
            last = event.id
