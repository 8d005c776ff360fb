"""The append-only trail of what staff and accounts did (R27)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, literal, or_, select
from sqlalchemy.orm import Session

from shared.models.journal import Action, ActorKind, JournalEvent
from shared.rows.paging import newest


@dataclass(frozen=True)
class Actor:
    """Who causes an event, and the network address it comes from."""

    kind: ActorKind
    name: str
    id: int | None = None
    address: str | None = None


PAGE = 50
PURGED_AT_ONCE = 5000

SYSTEM = Actor(ActorKind.SYSTEM, "système")
COMMAND = Actor(ActorKind.COMMAND, "ligne de commande")


@dataclass(frozen=True)
class Event:
    """What happened and to what; `details` never holds a secret."""

    action: Action
    establishment_id: int | None = None
    """Whose journal shows it; the académie alone reads what names no establishment."""
    account_id: int | None = None
    subject: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def record(session: Session, event: Event, actor: Actor, now: datetime, *, number: int | None = None) -> None:
    """Add one event; it stands or falls with the caller's transaction.

    Its number is the next one unless `number` is given, which leaves some out.
    """
    session.add(
        JournalEvent(
            id=number,
            establishment_id=event.establishment_id,
            account_id=event.account_id,
            subject=event.subject[:200],
            **_who_did_what(event, actor, now),
        )
    )


def record_for_accounts(
    session: Session, event: Event, actor: Actor, now: datetime, accounts: Select[int, str, int | None]
) -> None:
    """Add the same event to every account that `accounts` selects, in one statement.

    `accounts` gives the number of the account, its identifier, and the establishment concerned: those of `event` are
    left alone.
    """
    chosen = accounts.subquery()
    account_id, identifier, establishment_id = chosen.c
    common = _who_did_what(event, actor, now)
    literals = [literal(value, JournalEvent.__table__.c[name].type) for name, value in common.items()]
    columns = [*common, "account_id", "subject", "establishment_id"]
    session.execute(
        insert(JournalEvent).from_select(columns, select(*literals, account_id, identifier, establishment_id))
    )


def _who_did_what(event: Event, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "action": event.action,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "address": actor.address,
        "details": dict(event.details),
    }


def events_of_account(
    session: Session, account_id: int, establishment_id: int, *, before_id: int | None = None, limit: int = PAGE
) -> Sequence[JournalEvent]:
    """The events of an account that `establishment_id` may read, newest first: its own, and those of the portal."""
    events = select(JournalEvent).where(
        JournalEvent.account_id == account_id,
        or_(JournalEvent.establishment_id == establishment_id, JournalEvent.establishment_id.is_(None)),
    )
    return session.scalars(newest(events, JournalEvent.id, before_id, limit)).all()


def last_event_id(session: Session) -> int:
    """The number of the newest event; 0 when there is none."""
    return session.scalar(select(func.max(JournalEvent.id))) or 0


def forget_old_events(session: Session, before: datetime, now: datetime) -> int:
    """Delete some of the events of before `before`, oldest first, and say so in the journal; how many, none at the end.

    A few thousand each time, so that nobody waits. The database refuses to delete those of the last twelve months.
    """
    oldest = session.execute(select(JournalEvent.id, JournalEvent.at).order_by(JournalEvent.id).limit(PURGED_AT_ONCE))
    last = next((id for id, at in reversed(oldest.all()) if at < before), None)
    if last is None:
        return 0
    gone = delete(JournalEvent).where(JournalEvent.id <= last, JournalEvent.at < before).returning(JournalEvent.id)
    count = len(session.execute(gone.execution_options(synchronize_session=False)).all())
    details = {"count": count, "before": before.date().isoformat()}
    record(session, Event(Action.JOURNAL_PURGED, details=details), SYSTEM, now)
    return count
