"""Which students are of one family: by name and address, by INE, and by what other schools know of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from shared.duplicates.matching.arrays import columns_of, numbered
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


def load_families(session: Session, chosen: ColumnElement[bool]) -> Families:
    """The families of the students of `chosen`, in two queries.

    Brothers and sisters who have neither name nor address in common are known from the school that they were in before,
    or that one of them is still in: there, the same students (R31) have a legal guardian in common.
    """
    identity = identity_columns(Student)
    columns = (*identity, *(getattr(Student, name) for name in LINES))
    rows = session.execute(select(*columns, Student.postal_code).where(chosen).order_by(Student.id)).all()
    ids, names, *others = columns_of(rows, len(columns) + 1)
    places = map(place_of, zip(*others[len(identity) - 2 :], strict=True))
    known = list(_same_students(Identified(*row[: len(identity)]) for row in rows))
    known += [(one, f"elsewhere {guardian}") for one, guardian in _guardians_elsewhere(session, chosen)]
    return families_of(list(zip(ids, names, places, strict=True)), known)


def families_of(students: Sequence[tuple[int, str, str]], known: Iterable[tuple[int, str]] = ()) -> Families:
    """The families of students given by number, last name and place, and by what else is known to tie some of them."""
    tokens = [(one, f"{fold(name)}|{place}") for one, name, place in students if place]
    ids, names, places = columns_of(students, 3)
    return Families(
        _united([*tokens, *known]),
        dict(zip(ids, numbered(places).tolist(), strict=True)),
        dict(zip(ids, map(fold, names), strict=True)),
    )


def _same_students(students: Iterable[Identified]) -> Iterator[tuple[int, str]]:
    """What ties the fiches of one student in several schools: two who have one INE between them are no brothers."""
    of_ine: dict[str, list[Identified]] = {}
    for student in students:
        if student.ine:
            of_ine.setdefault(student.ine, []).append(student)
    for ine, those in of_ine.items():
        for number, student in enumerate(those):
            first = next(place for place, one in enumerate(those[: number + 1]) if are_one((*one, *student)))
            yield student.student_id, f"INE {ine} {first}"


def _united(tokens: list[tuple[int, str]]) -> dict[int, int]:
    """A number for each family: students tied by a token, directly or through others."""
    numbers = numbered(token for _, token in tokens).tolist()
    ties = [(student, -number) for (student, _), number in zip(tokens, numbers, strict=True)]
    groups = groups_of(ties)
    return {number: family for family, group in enumerate(groups, start=1) for number in group if number > 0}


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
