"""Who is in the school base at a date: the same answer for accounts, notifications and the portal."""

from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, exists, or_

from shared.models.school import Guardian, Guardianship, Student


def present(student: Any, today: date | BindParameter[date]) -> ColumnElement[bool]:  # noqa: ANN401 - the table or an alias of it
    """Whether a student is in the school base and has not left."""
    return and_(student.gone_at.is_(None), or_(student.left_on.is_(None), student.left_on > today))


def legal_guardian_of_a_present_student(today: date) -> ColumnElement[bool]:
    """Whether a guardian has legal rank 1 or 2 for at least one present student (R1)."""
    return exists().where(
        Guardianship.guardian_id == Guardian.id,
        Guardianship.gone_at.is_(None),
        Guardianship.legal_rank.is_not(None),
        Guardianship.student_id == Student.id,
        # Told for the planner: it then reads the links and the students of the school, not those of the académie.
        Guardianship.establishment_id == Guardian.establishment_id,
        Student.establishment_id == Guardian.establishment_id,
        present(Student, today),
    )
