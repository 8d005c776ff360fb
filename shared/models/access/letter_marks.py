"""What is left of an initial password once another one was chosen: enough to know it again, too little to find it."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime

MARK_BYTES = 3


class LetterMark(Base):
    """24 bits of a keyed digest of the initial password that an account had, kept for a while (R3).

    They let whoever types the letter's password again be told that another one was chosen since.
    """

    __tablename__ = "letter_mark"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    mark: Mapped[bytes] = mapped_column(LargeBinary(MARK_BYTES))
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When another password took its place."""
    forgotten_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
