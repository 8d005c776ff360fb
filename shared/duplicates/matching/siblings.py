"""Which students are of one family: by name and address, by INE, and by what other schools know of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Executable, and_, select
from sqlalchemy.orm import Session, aliased

from shared.duplicates.matching.arrays import columns_of, each, numbered
from shared.duplicates.matching.clusters import groups_of
from shared.duplicates.matching.places import place_of
from shared.models.school import Guardianship, Student
from shared.persons.elsewhere import Identified, are_one, identity_columns, one_ine_and_birth_date
from shared.persons.names import fold

LINES = ("address_line1", "address_line2", "address_line3", "address_line4", "po_box")


@dataclass(frozen=True)
class Families:
    """For each student, by number: the family, the address when there is one, and the last name, folded."""

    family: dict[int, int]
    address: dict[int, int]
    name: dict[int, str]


class StudentRows(NamedTuple):
    """What is read of students: the `identity_columns`, the lines of the address and the postal code of each."""

    students: list[tuple[Any, ...]]
    guardians_elsewhere: list[tuple[int, int]]
    """Each student with its legal guardians in other schools, present or past, by number."""


def read_students(session: Session, chosen: ColumnElement[bool]) -> StudentRows:
    """What `families_in` needs to know of the students of `chosen`, in two queries."""
    columns = (*identity_columns(Student), *(getattr(Student, name) for name in LINES), Student.postal_code)
    students = select(*columns).where(chosen).order_by(Student.id)
    return StudentRows(rows_of(session, students), sorted(_guardians_elsewhere(session, chosen)))


def rows_of(session: Session, query: Executable) -> list[tuple[Any, ...]]:
    """The rows of a query of columns, read below the ORM, which takes as long again over thousands of them."""
    session.flush()
    return list(map(tuple, session.connection().execute(query).all()))


def families_in(rows: StudentRows) -> Families:
    """The families of these students.

    Brothers and sisters who have neither name nor address in common are known from the school that they were in before,
    or that one of them is still in: there, the same students (R31) have a legal guardian in common.
    """
    columns = columns_of(rows.students, len(Identified._fields) + len(LINES) + 1)
    ids, names = columns[:2]
    places = map(place_of, zip(*columns[len(Identified._fields) :], strict=True))
    known = list(_same_students(rows.students))
    known += [(one, f"elsewhere {guardian}") for one, guardian in rows.guardians_elsewhere]
    return families_of(list(zip(ids, names, places, strict=True)), known)


def families_of(students: Sequence[tuple[int, str, str]], known: Iterable[tuple[int, str]] = ()) -> Families:
    """The families of students given by number, last name and place, and by what else is known to tie some of them."""
    ids, names, places = columns_of(students, 3)
    folded = each(fold, names)
    tokens = [(one, f"{name}|{place}") for one, name, place in zip(ids, folded, places, strict=True) if place]
    return Families(
        _united([*tokens, *known]),
        dict(zip(ids, numbered(places).tolist(), strict=True)),
        dict(zip(ids, folded, strict=True)),
    )


def _same_students(students: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, str]]:
    """What ties the fiches of one student in several schools: two who have one INE between them are no brothers."""
    place_of_ine, fields = Identified._fields.index("ine"), len(Identified._fields)
    of_ine: dict[str, list[tuple[Any, ...]]] = {}
    for row in students:
        if row[place_of_ine]:
            of_ine.setdefault(row[place_of_ine], []).append(row[:fields])
    for ine, those in of_ine.items():
        for number, student in enumerate(those):
            first = next((place for place, one in enumerate(those[:number]) if are_one((*one, *student))), number)
            yield student[0], f"INE {ine} {first}"


def _united(tokens: list[tuple[int, str]]) -> dict[int, int]:
    """A number for each family: students tied by a token, directly or through others."""
    first_of: dict[str, int] = {}
    ties = [(first_of.setdefault(token, student), student) for student, token in tokens]
    return {student: family for family, group in enumerate(groups_of(ties), start=1) for student in group}


def _guardians_elsewhere(session: Session, chosen: ColumnElement[bool]) -> list[tuple[int, int]]:
    """The students of `chosen`, each with its legal guardians in other schools, present or past, by number."""
    there = aliased(Student)
    other_school = there.establishment_id != Student.establishment_id
    rows = session.execute(
        select(Guardianship.guardian_id, *identity_columns(Student), *identity_columns(there))
        .join(there, and_(one_ine_and_birth_date(Student, there), other_school))
        .join(Guardianship, Guardianship.student_id == there.id)
        .where(chosen, Guardianship.legal_rank.is_not(None))
    )
    return [(row[1], row[0]) for row in rows if are_one(row[1:])]
