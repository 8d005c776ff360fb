"""What each import changed for the persons of a school base, and what it made it lose (R32)."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of
from shared.models.school import Guardian, Student

TEXT_LENGTH = 320
"""Of a division or of a name with its three parts."""
_TO_SEE = text("seen_at IS NULL AND loses")


class PersonChange(enum.StrEnum):
    """What an import does to a person of the school base."""

    ARRIVED = "arrived"
    LEFT = "left"
    MOVED = "moved"
    """A student in another division."""
    RENAMED = "renamed"
    UNLINKED = "unlinked"
    """Stays, and so does the other, but what linked them does not, or is no legal link any more."""
    EMAIL = "email"
    """The e-mail address that was known is another one, or none."""


class ImportRun(Base):
    """One import that was done, from wherever it was asked for."""

    __tablename__ = "import_run"
    __table_args__ = (
        CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name="seen_by"),
        Index("ix_import_run_establishment_id_id", "establishment_id", "id"),
        Index("ix_import_run_to_see", "establishment_id", "id", sqlite_where=_TO_SEE, postgresql_where=_TO_SEE),
        Index("ix_import_run_upload_id", "upload_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("school_import.id", ondelete="SET NULL"))
    """The import of the back office; none for one by the command line."""
    file_names: Mapped[list[str]] = mapped_column(JSON)
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    imported_by: Mapped[str] = mapped_column(String(200))
    loses: Mapped[bool] = mapped_column(default=False)
    """Whether it would not have been done without a confirmation of what it loses."""
    losses: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """What was confirmed: `shared.siecle.losses.Loss`, without names."""
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When somebody of the establishment looked at what was lost."""
    seen_by: Mapped[str | None] = mapped_column(String(200))


class ImportChange(Base):
    """What one import did to one person."""

    __tablename__ = "import_change"
    __table_args__ = (
        CheckConstraint("(student_id IS NULL) != (guardian_id IS NULL)", name="one_person"),
        *(
            ForeignKeyConstraint(
                ["establishment_id", f"{sort}_id"],
                [f"{sort}.establishment_id", f"{sort}.id"],
                name=f"fk_import_change_{sort}",
                ondelete="CASCADE",
            )
            for sort in ("student", "guardian")
        ),
        Index("ix_import_change_run_id_change_id", "run_id", "change", "id"),
        Index("ix_import_change_student_id", "student_id"),
        Index("ix_import_change_guardian_id", "guardian_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    """In the order of the names, in each sort of change."""
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    change: Mapped[PersonChange] = mapped_column(one_of(PersonChange, "change"))
    student_id: Mapped[int | None] = mapped_column()
    guardian_id: Mapped[int | None] = mapped_column()
    former: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    """The division, or the name, before; of an arrival, none."""
    present: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    """The same, after; of a departure, none."""

    student: Mapped[Student | None] = relationship(viewonly=True)
    guardian: Mapped[Guardian | None] = relationship(viewonly=True)
