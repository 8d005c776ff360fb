"""The append-only trail (R27); triggers of the database refuse to change or delete its rows."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of


class ActorKind(enum.StrEnum):
    """Who caused an event."""

    STAFF = "staff"
    ACCOUNT = "account"
    SYSTEM = "system"
    COMMAND = "command"
    ANONYMOUS = "anonymous"


class JournalEvent(Base):
    """Who, when, what, on whom, from where. No foreign keys: the trail outlives what it tells of."""

    __tablename__ = "journal_event"
    __table_args__ = (
        Index("ix_journal_event_establishment_id_id", "establishment_id", "id"),
        Index("ix_journal_event_account_id_id", "account_id", "id"),
        # Where a member of staff logged in from before is asked at each login.
        Index(
            "ix_journal_event_staff_login",
            "actor_id",
            sqlite_where=text("action = 'staff_login'"),
            postgresql_where=text("action = 'staff_login'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(50))
    actor_kind: Mapped[ActorKind] = mapped_column(one_of(ActorKind, "actor_kind"))
    actor_id: Mapped[int | None] = mapped_column()
    actor_name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str | None] = mapped_column(String(45))
    """The network address it came from."""
    establishment_id: Mapped[int | None] = mapped_column()
    account_id: Mapped[int | None] = mapped_column()
    subject: Mapped[str] = mapped_column(String(200), default="")
    """On whom, in words that still mean something after an erasure: an identifier, a UAI, a label."""
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
