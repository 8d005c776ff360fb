"""The letters that an establishment wrote itself (R20)."""

import enum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base
from shared.models.columns import one_of

LARGEST_LOGO = 500_000
"""Bytes, once it was written anew."""


class LetterKind(enum.StrEnum):
    """The letters of R20: to whom, about what."""

    GUARDIAN_NEW_ACCOUNT = "guardian_new_account"
    GUARDIAN_ACTIVATION_REMINDER = "guardian_activation_reminder"
    GUARDIAN_NEW_PASSWORD = "guardian_new_password"  # noqa: S105 - the name of a letter
    GUARDIAN_REMINDER = "guardian_reminder"
    STUDENT_NEW_ACCOUNT = "student_new_account"
    STUDENT_NEW_PASSWORD = "student_new_password"  # noqa: S105 - the name of a letter
    STUDENT_REMINDER = "student_reminder"


class LetterPart(enum.StrEnum):
    """What can be written anew of a letter: its head, beside the window, its body, below, and what its coupon says."""

    HEADER = "header"
    BODY = "body"
    COUPON = "coupon"
    """What to do, in plain words: the coupon has no room for more."""


class LetterText(Base):
    """The words that an establishment chose for one part of one of its letters."""

    __tablename__ = "letter_text"

    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"), primary_key=True)
    letter: Mapped[LetterKind] = mapped_column(one_of(LetterKind, "letter"), primary_key=True)
    part: Mapped[LetterPart] = mapped_column(one_of(LetterPart, "part"), primary_key=True)
    content: Mapped[str | None] = mapped_column(Text)
    """HTML, already cleaned, with variables by name; none once it was reset: the words delivered with the software."""
    version: Mapped[int] = mapped_column(default=1)
    """Grows with each change, resetting too: who edits an old version is told, and overwrites nothing."""


class LetterLogo(Base):
    """The picture that an establishment shows at the head of its letters."""

    __tablename__ = "letter_logo"
    __table_args__ = (CheckConstraint(f"length(picture) <= {LARGEST_LOGO}", name="picture"),)

    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"), primary_key=True)
    picture: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A PNG that we wrote ourselves, pixels and nothing else; none once it was removed."""
    version: Mapped[int] = mapped_column(default=1)
    """Grows with each change, removing too: who changes an old version is told, and overwrites nothing."""
