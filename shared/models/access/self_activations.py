"""Families who activate their account without the letter (R37): what was mailed to them, and what they proved."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime
from shared.models.school import EMAIL_LENGTH


class SelfActivation(Base):
    """A link mailed to an address of the school base, for one account: good until it is activated, or too old.

    Asking again leaves the earlier links good: a stranger who asks in a family's name takes nothing from it.
    """

    __tablename__ = "self_activation"
    __table_args__ = (CheckConstraint("(proof_hash IS NULL) = (proved_at IS NULL)", name="proof"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH), index=True)
    """The address that it was sent to, and which it proves."""
    nonce: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proof_hash: Mapped[str | None] = mapped_column(String(64))
    """Of what the browser that named the birth date of a child was given: it alone goes on."""
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
