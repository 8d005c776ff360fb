"""Who acts, when, and in which transaction: what nearly every rule needs, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from shared.journal import Actor, Event, record, record_for_accounts
from shared.models.journal import Action, ActorKind


@dataclass(frozen=True)
class Act:
    """One act of somebody, or of the worker, at one moment; the edge made it, and commits."""

    session: Session
    actor: Actor
    now: datetime

    def record(
        self,
        action: Action,
        *,
        establishment_id: int | None = None,
        account_id: int | None = None,
        subject: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Write in the journal what was done; the académie alone reads what names no establishment."""
        event = Event(action, establishment_id, account_id, subject, details or {})
        record(self.session, event, self.actor, self.now)

    def record_for_accounts(
        self, action: Action, accounts: Select[int, str, int | None], details: Mapping[str, Any] | None = None
    ) -> None:
        """Write the same of every account that `accounts` selects: its number, its identifier, the establishment."""
        record_for_accounts(self.session, Event(action, details=details or {}), self.actor, self.now, accounts)


@dataclass(frozen=True)
class Desk(Act):
    """An act at the desk of one establishment."""

    establishment_id: int
    today: date
    """The day it is in the académie."""

    @property
    def staff_id(self) -> int | None:
        """The number of the member of staff; none for the command line and the worker."""
        return self.actor.id if self.actor.kind is ActorKind.STAFF else None

    def note(
        self,
        action: Action,
        *,
        account_id: int | None = None,
        subject: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Write in the journal of the establishment what was done at this desk."""
        self.record(
            action, establishment_id=self.establishment_id, account_id=account_id, subject=subject, details=details
        )
