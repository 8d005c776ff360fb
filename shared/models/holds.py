"""What staff decided about persons to whom nothing is notified because of a remark beside their name."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of
from shared.models.school import STAFF_NOTE_LENGTH


class HoldAnswer(enum.StrEnum):
    """Whether the person is written to all the same."""

    WRITE = "write"
    DO_NOT_WRITE = "do_not_write"


class HoldDecision(Base):
    """The last decision about one fiche, of a guardian or of a student: good as long as its note stays the same."""

    __tablename__ = "hold_decision"
    __table_args__ = (
        CheckConstraint("(guardian_id IS NULL) != (student_id IS NULL)", name="of_one_fiche"),
        # Both are of the establishment of the decision, and take it with them.
        ForeignKeyConstraint(
            ["establishment_id", "guardian_id"],
            ["guardian.establishment_id", "guardian.id"],
            name="fk_hold_decision_guardian",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["establishment_id", "student_id"],
            ["student.establishment_id", "student.id"],
            name="fk_hold_decision_student",
            ondelete="CASCADE",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(index=True)
    guardian_id: Mapped[int | None] = mapped_column(unique=True)
    student_id: Mapped[int | None] = mapped_column(unique=True)
    note: Mapped[str] = mapped_column(String(STAFF_NOTE_LENGTH))
    """`staff_note` of the fiche, as it was when it was decided."""
    answer: Mapped[HoldAnswer] = mapped_column(one_of(HoldAnswer, "answer"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(200))
