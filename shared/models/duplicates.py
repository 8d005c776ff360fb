"""What the detection of duplicates found, kept so that lists and counts only read, and who is told of it."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of
from shared.models.school import EMAIL_LENGTH


class DuplicatePair(Base):
    """Two fiches of one school that are likely one person, whether or not somebody has treated them."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="in_order"),
        # Both fiches are of the establishment of the pair, and take it with them.
        ForeignKeyConstraint(
            ["establishment_id", "first_id"],
            ["guardian.establishment_id", "guardian.id"],
            name="fk_duplicate_pair_first",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["establishment_id", "second_id"],
            ["guardian.establishment_id", "guardian.id"],
            name="fk_duplicate_pair_second",
            ondelete="CASCADE",
        ),
        # Read backwards: the surest pairs first.
        Index(
            "ix_duplicate_pair_establishment_id_confidence", "establishment_id", "confidence", "first_id", "second_id"
        ),
        Index("ix_duplicate_pair_second_id", "second_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column()
    first_id: Mapped[int] = mapped_column()
    second_id: Mapped[int] = mapped_column()
    confidence: Mapped[float] = mapped_column()
    """How sure it is that they are one person, from 0 to 1, in hundredths."""
    reasons: Mapped[list[str]] = mapped_column(JSON)
    against: Mapped[list[str]] = mapped_column(JSON)
    detected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When these two fiches were first found alike."""
    times_skipped: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often staff left it for later: the more often, the later it comes in the list."""
    announced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a mail told of it, or staff knew without one; none until then."""
    announcement: Mapped[str | None] = mapped_column(String(36))
    """The `DuplicatesMail.announcement` of the mails that told of it."""


class DuplicateParameters(Base):
    """What the detection of duplicates estimated from the fiches of a school, for runs that look at a few of them."""

    __tablename__ = "duplicate_parameters"

    establishment_id: Mapped[int] = mapped_column(
        ForeignKey("establishment.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Shares and numbers of pairs; nothing of a person."""
    estimated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AlertRecipient(enum.StrEnum):
    """Whom an establishment wants told that new likely duplicates were found."""

    NOBODY = "nobody"
    STAFF = "staff"
    """Those of the establishment who may treat them."""
    ADDRESS = "address"
    """One address, whoever reads it."""


class DuplicatesAlert(Base):
    """What an establishment chose about the mails that tell of new likely duplicates."""

    __tablename__ = "duplicates_alert"
    __table_args__ = (CheckConstraint("(sent_to = 'address') = (email IS NOT NULL)", name="email"),)

    establishment_id: Mapped[int] = mapped_column(
        ForeignKey("establishment.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    sent_to: Mapped[AlertRecipient] = mapped_column(one_of(AlertRecipient, "sent_to"))
    email: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH))
    version: Mapped[int] = mapped_column(default=1)
    """Grows with each change: who edits an old version is told, and overwrites nothing."""
