"""What is known of each letter on paper: the address that it bears, and that it came back (R17, R28)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime


class PostedLetter(Base):
    """One letter, written when it is printed; printed again, it bears the address of then."""

    __tablename__ = "posted_letter"
    __table_args__ = (
        # The few that came back, among all: what is wrong in the base, and what was scanned last.
        Index(
            "ix_posted_letter_returned",
            "establishment_id",
            "returned_at",
            sqlite_where=text("returned_at IS NOT NULL"),
            postgresql_where=text("returned_at IS NOT NULL"),
        ),
    )

    notification_id: Mapped[int] = mapped_column(ForeignKey("notification.id", ondelete="CASCADE"), primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(Text)
    """As the school base had it (`shared.accounts.directory.corrections.written_address`)."""
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its envelope was scanned; none while it is believed to have arrived."""
    returned_by: Mapped[str | None] = mapped_column(String(200))
    """The name of who scanned it."""
