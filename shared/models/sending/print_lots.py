"""What is handed to a printing service: lots of letters in a folder, and what it says of each letter (R36)."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of


class CopyState(enum.StrEnum):
    """Where one letter stands with the printing service."""

    HANDED = "handed"
    """In a lot; nothing was said of it yet."""
    PRINTED = "printed"
    POSTED = "posted"
    REFUSED = "refused"


class PrintLot(Base):
    """Letters handed over together: stored with the settlement of their notifications, then written to the folder."""

    __tablename__ = "print_lot"
    __table_args__ = (
        # The few that are in the folder, or should be.
        Index(
            "ix_print_lot_standing",
            "id",
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    """Of its files. Drawn, so that no other lot is called so after a restoration: the service takes a name once."""
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The PDF, sealed, until it is in the folder."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its manifest was seen in the folder."""
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its files were taken out of the folder."""


class PrintCopy(Base):
    """One letter in a lot; refused and notified again, it is in another one."""

    __tablename__ = "print_copy"

    notification_id: Mapped[int] = mapped_column(ForeignKey("notification.id", ondelete="CASCADE"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("print_lot.id", ondelete="CASCADE"), index=True)
    first_page: Mapped[int] = mapped_column()
    """Of the lot, from 1."""
    pages: Mapped[int] = mapped_column()
    state: Mapped[CopyState] = mapped_column(one_of(CopyState, "state"))
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last receipt about it was read."""
