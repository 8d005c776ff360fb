"""Students of other establishments who are the same persons (R31): many at once, and never by the INE alone."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from shared.models.school import Student
from shared.siecle.alike import PersonNames
from shared.siecle.identity import StudentIdentity, Verdict, same_student_elsewhere


class Elsewhere(NamedTuple):
    """A student of one establishment, the one with the same INE in another, and whether they are one."""

    student_id: int
    elsewhere_id: int
    verdict: Verdict


def same_students_elsewhere(session: Session, *chosen: ColumnElement[bool]) -> list[tuple[int, int]]:
    """Each of the students of `chosen`, with the same student in every other establishment: two numbers.

    Those who have the INE of another and are not the same student are left out.
    """
    return [(one.student_id, one.elsewhere_id) for one in students_with_one_ine(session, *chosen) if one.verdict.same]


def students_with_one_ine(session: Session, *chosen: ColumnElement[bool]) -> Iterator[Elsewhere]:
    """Each of the students of `chosen`, with every one who has the same INE in another establishment, and the verdict.

    One query, whatever the number of students, read as a stream. `chosen` are conditions on `Student`.
    """
    there = aliased(Student)
    rows = session.execute(
        select(*_identity_of(Student), *_identity_of(there))
        .join(there, and_(there.ine == Student.ine, there.establishment_id != Student.establishment_id))
        .where(*chosen)
        .order_by(Student.id, there.id)
        .execution_options(yield_per=1_000)
    )
    half = len(_identity_of(Student))
    for row in rows:
        one, other = _Read(*row[:half]), _Read(*row[half:])
        yield Elsewhere(one.student_id, other.student_id, same_student_elsewhere(one.identity, other.identity))


class _Read(NamedTuple):
    """What is read of a student, in the order of `_identity_of`."""

    student_id: int
    family_name: str
    usage_name: str | None
    first_name: str
    birth_date: date | None
    sex: str | None
    ine: str | None

    @property
    def identity(self) -> StudentIdentity:
        """Who the student is."""
        names = PersonNames(self.family_name, self.usage_name, self.first_name)
        return StudentIdentity(names, self.birth_date, self.sex, self.ine)


def _identity_of(student: type[Student]) -> list[Any]:
    return [getattr(student, "id" if name == "student_id" else name) for name in _Read._fields]
