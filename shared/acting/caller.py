"""Somebody at the door of either application: what the rules of logins and of one's own account need, as one value."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shared.acting.desk import Act
from shared.journal import Actor
from shared.models.journal import ActorKind


@dataclass(frozen=True)
class Caller:
    """Where a request comes from, when, and its transaction; the edge made it, and commits.

    Who it is stands beside it, where that is known: nobody is, before a login.
    """

    session: Session
    now: datetime
    address: str
    """The network address; empty when it cannot be told."""
    device: str = ""
    """What the browser is known by where somebody came in with it before; empty when it keeps nothing."""
    token: str | None = None
    """Which session this browser holds: the one that stays when the others are closed. None before a login."""

    def by(self, actor: Actor) -> Act:
        """An act of `actor`, who turned out to be whoever calls."""
        return Act(self.session, actor, self.now)

    def by_nobody(self) -> Act:
        """An act of whoever calls and was not recognised."""
        return self.by(Actor(ActorKind.ANONYMOUS, "", address=self.address))
