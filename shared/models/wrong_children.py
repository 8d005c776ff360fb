"""Children that a parent says are not theirs, and what the establishment answered."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of

WORDS_LENGTH = 500
_WAITING = text("answer IS NULL")


class WrongChildAnswer(enum.StrEnum):
    """What the establishment decided about a link that a parent says is wrong."""

    REMOVED = "removed"
    KEPT = "kept"


class WrongChildReport(Base):
    """A parent says « je ne suis pas le responsable de cet élève »; one waits at most for each fiche and student."""

    __tablename__ = "wrong_child_report"
    __table_args__ = (
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_at"),
        # Both ends are of the establishment of the report, and take it with them.
        ForeignKeyConstraint(
            ["establishment_id", "student_id"],
            ["student.establishment_id", "student.id"],
            name="fk_wrong_child_report_student",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["establishment_id", "guardian_id"],
            ["guardian.establishment_id", "guardian.id"],
            name="fk_wrong_child_report_guardian",
            ondelete="CASCADE",
        ),
        Index(
            "uq_wrong_child_report_waiting",
            "guardian_id",
            "student_id",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("ix_wrong_child_report_establishment_id_id", "establishment_id", "id"),
        Index("ix_wrong_child_report_guardian_id", "guardian_id"),
        Index("ix_wrong_child_report_student_id", "student_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column()
    student_id: Mapped[int] = mapped_column()
    guardian_id: Mapped[int] = mapped_column()
    """The fiche whose account reported it; it follows its account through merges."""
    words: Mapped[str] = mapped_column(String(WORDS_LENGTH), default="")
    """What the parent wants to say of it, as typed."""
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[WrongChildAnswer | None] = mapped_column(one_of(WrongChildAnswer, "answer"))
    answer_words: Mapped[str] = mapped_column(String(WORDS_LENGTH), default="")
    """What the establishment tells the parent, as typed."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[str] = mapped_column(String(200), default="")
