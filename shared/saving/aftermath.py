"""What a base that was put back must not do again: work, sessions, identifiers, numbers of the journal.

Since the copy was made, mails left, families and staff logged out, letters with new identifiers were printed, and the
journal was read elsewhere. Nothing in the base knows of it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from shared.accounts.directory.identifiers import reserve_identifiers, skip_indexes
from shared.journal import COMMAND, Event, last_event_id, record
from shared.models.accounts import AccountSession
from shared.models.background import Restoration, WorkerProcess
from shared.models.journal import Action
from shared.models.staff import StaffSession
from shared.rows.holding import standing_restoration

GAP = 1000
"""Identifiers left out of each series, where nobody says which were given: more than one name gets in a day."""
EVENTS_SKIPPED = 1_000_000
"""Numbers of the journal left out, so that whoever reads it elsewhere misses none."""


@dataclass(frozen=True)
class Given:
    """What is known of the identifiers given after the copy: a list of them, or none; then a gap is left."""

    identifiers: frozenset[str] | None = None
    gap: int = GAP


def hold_everything(session: Session, given: Given, now: datetime, copied_at: datetime | None) -> None:
    """Hold what waits, end every session, and keep identifiers given since the copy from being given again (R2, R38).

    `copied_at` is when the copy was made, where that is known.
    """
    standing = standing_restoration(session)
    if standing is not None:
        # Put back twice before anybody released it, or the copy itself was of such a base.
        standing.released_at, standing.standing = now, None
        session.flush()
    first = session.scalar(select(func.max(Restoration.first_index))) or 0
    if given.identifiers is None:
        skip_indexes(session, given.gap)
        first += given.gap
    else:
        reserve_identifiers(session, given.identifiers, now)
    session.add(Restoration(copied_at=copied_at, restored_at=now, first_index=first))
    for gone in (AccountSession, StaffSession, WorkerProcess):
        session.execute(delete(gone))
    _skip_numbers(session, copied_at, now)


def _skip_numbers(session: Session, copied_at: datetime | None, now: datetime) -> None:
    """Tell of it in an event whose number is far above the last one; those that follow go on from there."""
    number = last_event_id(session) + EVENTS_SKIPPED
    details = {"copied_at": copied_at.isoformat()} if copied_at else {}
    record(session, Event(Action.BASE_RESTORED, details=details), COMMAND, now, number=number)
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        following = text("SELECT setval(pg_get_serial_sequence('journal_event', 'id'), :number)")
        session.execute(following, {"number": number})
