"""What an import did to whom: arrivals, departures, other divisions, names, links and e-mail addresses (R32).

Worked out by the database from what `before` set aside: a few statements, whatever the number of persons.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    Table,
    and_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy import cast as as_type
from sqlalchemy.orm import Session
from sqlalchemy.sql import null

from shared.models.imports.changes import ImportChange, ImportRun, PersonChange
from shared.siecle.effects.before import (
    DIVISION,
    GUARDIAN,
    GUARDIANSHIP,
    STUDENT,
    is_present,
    is_there,
    known_address,
    let_be_counted,
    written_name,
)
from shared.siecle.losses import HURTS, NAMES_KEPT, Affected, Known, Sort
from shared.siecle.reading.tables import CHANGES, GUARDIANS_BEFORE, LINKS_BEFORE, STUDENTS_BEFORE

_NOTHING = as_type(null(), String)


@dataclass(frozen=True)
class _Persons:
    """Students or guardians, before and after."""

    sort: Sort
    fiche: FromClause
    before: Table
    end: str
    """The column of a link that names one of them."""

    def stays(self, establishment_id: int, today: date) -> ColumnElement[bool]:
        """Whether a fiche with a row in `before` is still there."""
        return and_(self.fiche.c.id == self.before.c.id, *is_present(self.fiche, establishment_id, today))


STUDENTS = _Persons(Sort.STUDENTS, STUDENT, STUDENTS_BEFORE, "student_id")
GUARDIANS = _Persons(Sort.GUARDIANS, GUARDIAN, GUARDIANS_BEFORE, "guardian_id")


def compare(session: Session, establishment_id: int, today: date) -> list[Affected]:
    """Write down in `CHANGES` what became of everybody, and return how many of each, with the first names."""
    for persons in (STUDENTS, GUARDIANS):
        told = (
            rows.with_only_columns(literal(persons.sort.value), literal(change.value), *rows.selected_columns)
            for change, rows in _changes_of(persons, establishment_id, today)
        )
        session.execute(insert(CHANGES).from_select(CHANGES.c.keys(), union_all(*told)))
    let_be_counted(session, CHANGES)
    return _summed_up(session)


def known_before(session: Session) -> dict[Sort, Known]:
    """How many were there before the import, and of those how many it hurts."""
    found = {}
    for persons in (STUDENTS, GUARDIANS):
        counted = session.execute(select(func.count(), func.count(persons.before.c.email)).select_from(persons.before))
        present, addresses = counted.one()
        hurt = select(func.count(CHANGES.c.id.distinct())).where(
            CHANGES.c.sort == persons.sort.value, CHANGES.c.change.in_([change.value for change in HURTS])
        )
        found[persons.sort] = Known(present, addresses, session.scalar(hurt) or 0)
    return found


def keep_changes(session: Session, run: ImportRun) -> None:
    """Keep what `CHANGES` holds as the changes of `run`, by name; one statement for each sort."""
    for persons, column in ((STUDENTS, ImportChange.student_id), (GUARDIANS, ImportChange.guardian_id)):
        told = (CHANGES.c.change, CHANGES.c.id, CHANGES.c.former, CHANGES.c.present)
        chosen = select(literal(run.id), literal(run.establishment_id), *told)
        chosen = chosen.where(CHANGES.c.sort == persons.sort.value)
        columns = ["run_id", "establishment_id", "change", column.key, "former", "present"]
        session.execute(
            insert(ImportChange).from_select(columns, chosen.order_by(CHANGES.c.change, *_BY_NAME)),
            execution_options={"synchronize_session": False},
        )


_BY_NAME = (CHANGES.c.name_key, CHANGES.c.id)


def _summed_up(session: Session) -> list[Affected]:
    totals = session.execute(
        select(CHANGES.c.sort, CHANGES.c.change, func.count()).group_by(CHANGES.c.sort, CHANGES.c.change)
    )
    counts = {(sort, change): number for sort, change, number in totals}
    return [
        Affected(persons.sort, change, number, _names(session, persons.sort, change))
        for persons in (STUDENTS, GUARDIANS)
        for change in PersonChange
        if (number := counts.get((persons.sort.value, change.value), 0))
    ]


def _names(session: Session, sort: Sort, change: PersonChange) -> Sequence[str]:
    named = select(CHANGES.c.name, CHANGES.c.former, CHANGES.c.present).where(
        CHANGES.c.sort == sort.value, CHANGES.c.change == change.value
    )
    rows = session.execute(named.order_by(*_BY_NAME).limit(NAMES_KEPT))
    return [named_change(change, *row) for row in rows]


def named_change(change: PersonChange, name: str, former: str | None, present: str | None) -> str:
    """A person and what changed: `Léa PAYET (6A → 5B)`, `Marie PAYET → Marie HOARAU`."""
    beside = " → ".join(part for part in (former, present) if part)
    if change is PersonChange.RENAMED:
        return beside
    return f"{name} ({beside})" if beside else name


def _changes_of(
    persons: _Persons, establishment_id: int, today: date
) -> Iterator[tuple[PersonChange, Select[tuple[Any, ...]]]]:
    """For each change, its persons: number of the fiche, name, folded name, what was, what is."""
    fiche, before = persons.fiche, persons.before
    stays = persons.stays(establishment_id, today)
    is_student = persons is STUDENTS
    division = DIVISION.c.code if is_student else _NOTHING
    placed = fiche.outerjoin(DIVISION, DIVISION.c.id == STUDENT.c.division_id) if is_student else fiche
    own = (fiche.c.id, written_name(fiche), fiche.c.name_key)

    def of_those_who_stay(former: ColumnElement[Any], present: ColumnElement[Any]) -> Select[tuple[Any, ...]]:
        return select(*own, former, present).select_from(before.join(placed, fiche.c.id == before.c.id)).where(stays)

    unknown = ~exists(select(before.c.id).where(before.c.id == fiche.c.id))
    arrived = select(*own, _NOTHING, division).select_from(placed)
    yield PersonChange.ARRIVED, arrived.where(*is_present(fiche, establishment_id, today), unknown)
    gone = ~exists(select(fiche.c.id).where(stays))
    left = select(before.c.id, before.c.name, before.c.name_key, before.c.division, _NOTHING)
    yield PersonChange.LEFT, left.where(gone)
    if is_student:
        moved = of_those_who_stay(before.c.division, division)
        yield PersonChange.MOVED, moved.where(before.c.division.is_distinct_from(division))
    other_name = or_(before.c.name_key != fiche.c.name_key, before.c.birth_name_key != fiche.c.birth_name_key)
    yield PersonChange.RENAMED, of_those_who_stay(before.c.name, written_name(fiche)).where(other_name)
    yield PersonChange.UNLINKED, of_those_who_stay(_NOTHING, _NOTHING).where(_has_lost_a_link(persons, today))
    other_address = known_address(fiche.c.email).is_distinct_from(before.c.email)
    yield PersonChange.EMAIL, of_those_who_stay(_NOTHING, _NOTHING).where(before.c.email.is_not(None), other_address)


def _has_lost_a_link(persons: _Persons, today: date) -> ColumnElement[bool]:
    """Whether what linked a person to another one who stays is gone, or gives no right any more."""
    link = LINKS_BEFORE
    stands = exists(
        select(GUARDIANSHIP.c.id).where(
            GUARDIANSHIP.c.student_id == link.c.student_id,
            GUARDIANSHIP.c.guardian_id == link.c.guardian_id,
            GUARDIANSHIP.c.gone_at.is_(None),
            or_(~link.c.is_legal, GUARDIANSHIP.c.legal_rank.is_not(None)),
        )
    )
    other = GUARDIANS if persons is STUDENTS else STUDENTS
    lost = select(link.c[persons.end]).join(other.fiche, other.fiche.c.id == link.c[other.end])
    lost = lost.where(is_there(other.fiche, today), ~stands)
    return persons.before.c.id.in_(lost)
