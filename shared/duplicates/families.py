"""Which students are of one family: by name and address, by INE, and by what other schools know of them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from shared.duplicates.columns import columns_of, numbered, place_of, texts
from shared.duplicates.groups import groups_of
from shared.models.school import Guardianship, Student
from shared.names import fold

LINES = ("address_line1", "address_line2", "address_line3", "address_line4", "po_box")


@dataclass(frozen=True)
class Families:
    """For each student, by number: the family, and the address when there is one."""

    family: dict[int, int]
    address: dict[int, int]


def load_families(session: Session, chosen: ColumnElement[bool]) -> Families:
    """The families of the students of `chosen`, in two queries.

    Brothers and sisters who have neither name nor address in common are known from the school that they were in before,
    or that one of them is still in: there, the students with their INE have a legal guardian in common.
    """
    columns = (Student.id, Student.family_name, Student.ine, *(getattr(Student, name) for name in LINES))
    rows = session.execute(select(*columns, Student.postal_code).where(chosen).order_by(Student.id)).all()
    ids, names, ines, *address = columns_of(rows, len(columns) + 1)
    places = texts(map(place_of, zip(*address, strict=True)))
    tokens = [(one, f"{fold(name)}|{place}") for one, name, place in zip(ids, names, places, strict=True) if place]
    tokens += [(one, f"INE {ine}") for one, ine in zip(ids, ines, strict=True) if ine]
    tokens += [(one, f"elsewhere {guardian}") for one, guardian in _guardians_elsewhere(session, chosen)]
    return Families(_united(tokens), dict(zip(ids, numbered(places).tolist(), strict=True)))


def _united(tokens: list[tuple[int, str]]) -> dict[int, int]:
    """A number for each family: students tied by a token, directly or through others."""
    numbers = numbered(token for _, token in tokens).tolist()
    ties = [(student, -number) for (student, _), number in zip(tokens, numbers, strict=True)]
    groups = groups_of(ties)
    return {number: family for family, group in enumerate(groups, start=1) for number in group if number > 0}


def _guardians_elsewhere(session: Session, chosen: ColumnElement[bool]) -> list[tuple[int, int]]:
    """The students of `chosen`, each with its legal guardians in other schools, present or past, by number."""
    there = aliased(Student)
    rows = session.execute(
        select(Student.id, Guardianship.guardian_id)
        .join(there, and_(there.ine == Student.ine, there.establishment_id != Student.establishment_id))
        .join(Guardianship, Guardianship.student_id == there.id)
        .where(chosen, Guardianship.legal_rank.is_not(None))
    )
    return [(student, guardian) for student, guardian in rows]
