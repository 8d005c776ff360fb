"""Who is who in a school base (R31): keys that changed hands, and students whom a file holds under two keys."""

import enum
from datetime import datetime
from typing import cast

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, UtcDateTime
from shared.models.accounts import Account
from shared.models.columns import one_of
from shared.models.school import Guardian, Student

_UNSEEN = text("seen_at IS NULL")


class IdentityChangeKind(enum.StrEnum):
    """What an import found of a key and of who it stands for."""

    NOW_ANOTHER = "now_another"
    """The key stood for one person and stands for another one now: what was one is two."""
    NOW_ONE = "now_one"
    """Two fiches are of one student: what was two is one."""


class IdentityChange(Base):
    """Two fiches that a key or an INE took one for the other, as an import found; shown until somebody looked."""

    __tablename__ = "identity_change"
    __table_args__ = (
        CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name="seen_by"),
        CheckConstraint(
            "(former_guardian_id IS NULL) = (present_guardian_id IS NULL)"
            " AND (former_student_id IS NULL) = (present_student_id IS NULL)"
            " AND (former_guardian_id IS NULL) != (former_student_id IS NULL)",
            name="two_fiches_of_one_sort",
        ),
        CheckConstraint("former_guardian_id != present_guardian_id", name="two_guardians"),
        CheckConstraint("former_student_id != present_student_id", name="two_students"),
        # Every fiche is of the establishment of the change, and takes it with it.
        *(
            ForeignKeyConstraint(
                ["establishment_id", f"{which}_{sort}_id"],
                [f"{sort}.establishment_id", f"{sort}.id"],
                name=f"fk_identity_change_{which}_{sort}",
                ondelete="CASCADE",
            )
            for sort in ("guardian", "student")
            for which in ("former", "present")
        ),
        *(
            Index(f"ix_identity_change_{which}_{sort}_id", f"{which}_{sort}_id")
            for sort in ("guardian", "student")
            for which in ("former", "present")
        ),
        Index("ix_identity_change_establishment_id_id", "establishment_id", "id"),
        Index(
            "ix_identity_change_unseen",
            "establishment_id",
            "id",
            sqlite_where=_UNSEEN,
            postgresql_where=_UNSEEN,
        ),
        Index("ix_identity_change_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    kind: Mapped[IdentityChangeKind] = mapped_column(one_of(IdentityChangeKind, "kind"))
    siecle_id: Mapped[str] = mapped_column(String(20))
    """The ELEVE_ID or PERSONNE_ID that changed hands; of two fiches that are one, the key that is not used any more."""
    former_guardian_id: Mapped[int | None] = mapped_column()
    """The fiche that the key stood for; of two that are one, the one that is gone."""
    present_guardian_id: Mapped[int | None] = mapped_column()
    former_student_id: Mapped[int | None] = mapped_column()
    present_student_id: Mapped[int | None] = mapped_column()
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    """The account of the former fiche, which stayed with it."""
    reasons: Mapped[list[str]] = mapped_column(JSON)
    """Why, in French words that name no value."""
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When somebody of the establishment looked at it."""
    seen_by: Mapped[str | None] = mapped_column(String(200))

    former_guardian: Mapped[Guardian | None] = relationship(viewonly=True, foreign_keys=[former_guardian_id])
    present_guardian: Mapped[Guardian | None] = relationship(viewonly=True, foreign_keys=[present_guardian_id])
    former_student: Mapped[Student | None] = relationship(viewonly=True, foreign_keys=[former_student_id])
    present_student: Mapped[Student | None] = relationship(viewonly=True, foreign_keys=[present_student_id])
    account: Mapped[Account | None] = relationship(viewonly=True)

    @property
    def former(self) -> Guardian | Student:
        """The fiche that the key stood for."""
        return cast("Guardian | Student", self.former_guardian or self.former_student)

    @property
    def present(self) -> Guardian | Student:
        """The fiche that it stands for now."""
        return cast("Guardian | Student", self.present_guardian or self.present_student)


class SecondKey(Base):
    """Another ELEVE_ID under which the last students' file holds a student: links to it are links to that student."""

    __tablename__ = "second_key"
    __table_args__ = (
        ForeignKeyConstraint(
            ["establishment_id", "student_id"],
            ["student.establishment_id", "student.id"],
            name="fk_second_key_student",
            ondelete="CASCADE",
        ),
        Index("ix_second_key_student_id", "student_id"),
    )

    establishment_id: Mapped[int] = mapped_column(
        ForeignKey("establishment.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    siecle_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    student_id: Mapped[int] = mapped_column()
