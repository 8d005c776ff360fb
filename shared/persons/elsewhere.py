"""Students of other establishments who are the same persons (R31): many at once, and never by the INE alone."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from shared.models.school import Student
from shared.persons.alike import PersonNames
from shared.persons.identity import StudentIdentity, Verdict, same_student_elsewhere


class Identified(NamedTuple):
    """A student as a query of `identity_columns` reads it."""

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


class Elsewhere(NamedTuple):
    """A student of one establishment, the one with the same INE in another, and whether they are one."""

    student_id: int
    elsewhere_id: int
    verdict: Verdict


def identity_columns(student: type[Student]) -> list[Any]:
    """What a query reads of a student, or of an alias of the table, to tell who it is: the fields of `Identified`."""
    return [student.id, *(getattr(student, name) for name in Identified._fields[1:])]


def one_ine_and_birth_date(one: type[Student], other: type[Student]) -> ColumnElement[bool]:
    """Whether two students may be one: what is left to compare, their names, is for `are_one`."""
    return and_(one.ine == other.ine, one.birth_date == other.birth_date)


def are_one(two_students: tuple[Any, ...]) -> bool:
    """Whether the two students of a row, the `identity_columns` of one then of the other, are one."""
    cut = len(Identified._fields)
    one, other = Identified(*two_students[:cut]), Identified(*two_students[cut:])
    return one.student_id == other.student_id or same_student_elsewhere(one.identity, other.identity).same


def students_with_one_ine(session: Session, *chosen: ColumnElement[bool]) -> Iterator[Elsewhere]:
    """Each of the students of `chosen`, with every one who has the same INE in another establishment, and the verdict.

    One query, whatever the number of students, read as a stream. `chosen` are conditions on `Student`.
    """
    there = aliased(Student)
    rows = session.execute(
        select(*identity_columns(Student), *identity_columns(there))
        .join(there, and_(there.ine == Student.ine, there.establishment_id != Student.establishment_id))
        .where(*chosen)
        .order_by(Student.id, there.id)
        .execution_options(yield_per=1_000)
    )
    cut = len(Identified._fields)
    for row in rows:
        one, other = Identified(*row[:cut]), Identified(*row[cut:])
        yield Elsewhere(one.student_id, other.student_id, same_student_elsewhere(one.identity, other.identity))
