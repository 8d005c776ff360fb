"""Where accounts and members of staff came in from: known by a hash only, and spared what strangers do (R10)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime


class FamiliarPlace(Base):
    """A network, or a browser by its cookie, from which one account or one member of staff came in."""

    __tablename__ = "familiar_place"
    __table_args__ = (
        CheckConstraint("(account_id IS NULL) != (staff_id IS NULL)", name="owner"),
        UniqueConstraint("account_id", "place_hash"),
        UniqueConstraint("staff_id", "place_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    place_hash: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """The last time somebody came in from there, give or take a day."""
