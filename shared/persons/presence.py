"""Who is in the school base at a date: the same answer for accounts, notifications and the portal."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select

from shared.models.school import Guardian, Guardianship, Student
from shared.rows.prepared import Day


def present(student: Any, today: Day) -> ColumnElement[bool]:  # noqa: ANN401 - the table or an alias of it
    """Whether a student is in the school base and has not left."""
    return and_(student.gone_at.is_(None), or_(student.left_on.is_(None), student.left_on > today))


def legal_link_of_student() -> ColumnElement[bool]:
    """Whether a link gives a student a legal guardian: Légal 1 or 2, and not gone."""
    return and_(
        Guardianship.student_id == Student.id,
        # Told twice, for the planner: it then reads the links of the school, not those of the académie.
        Guardianship.establishment_id == Student.establishment_id,
        Guardianship.gone_at.is_(None),
        Guardianship.legal_rank.is_not(None),
    )


def guardian_of_link() -> ColumnElement[bool]:
    """Whether a guardian in the school base is the one of a link of a student."""
    return and_(
        Guardian.id == Guardianship.guardian_id,
        Guardian.establishment_id == Student.establishment_id,
        Guardian.gone_at.is_(None),
    )


def legal_guardian_of_a_present_student(today: Day) -> ColumnElement[bool]:
    """Whether a guardian has legal rank 1 or 2 for at least one present student (R1)."""
    return exists().where(
        Guardianship.guardian_id == Guardian.id,
        legal_link_of_student(),
        Student.establishment_id == Guardian.establishment_id,
        present(Student, today),
    )


def has_legal_guardian() -> ColumnElement[bool]:
    """Whether a student has a legal guardian in the school base: somebody whom an account can be given to."""
    # Without the establishment: where there are no statistics yet, as in a first import, SQLite would go through all
    # the links of the school for each student.
    link = and_(
        Guardianship.student_id == Student.id, Guardianship.gone_at.is_(None), Guardianship.legal_rank.is_not(None)
    )
    owner = and_(Guardian.id == Guardianship.guardian_id, Guardian.gone_at.is_(None))
    return exists(select(Guardianship.id).join(Guardian, owner).where(link))
