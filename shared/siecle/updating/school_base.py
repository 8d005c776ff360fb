"""Brings the school base in line with the staging tables: divisions, students, guardians, links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    Table,
    exists,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from shared.models.school import Division, FileKind, Guardian, Student
from shared.siecle.reading.records import AddressRecord, GuardianRecord, StudentRecord
from shared.siecle.reading.tables import (
    DIVISIONS,
    GRANTS,
    GUARDIAN_ADDRESSES,
    GUARDIANS,
    PLACEMENTS,
    STUDENT_ADDRESSES,
    STUDENTS,
    UNREADABLE_GUARDIANS,
    UNREADABLE_STUDENTS,
)
from shared.siecle.report import ImportReport
from shared.siecle.updating.staging import Staged
from shared.siecle.updating.synchronising import Target, mark_gone, take_in

STUDENT = Student.__table__
GUARDIAN = Guardian.__table__
DIVISION = Division.__table__

_ADDRESS = AddressRecord._fields[1:]
_OF_STUDENT = StudentRecord._fields[1:-1]
_OF_GUARDIAN = GuardianRecord._fields[1:-1]
"""The columns that a record fills by itself: without its key and its address."""


@dataclass(frozen=True)
class Updating:
    """One update of one establishment, under way."""

    session: Session
    staged: Staged
    establishment_id: int
    now: datetime
    report: ImportReport

    def target(self, table: FromClause, *keys: str, keys_of_one_school: bool = True) -> Target:
        """The rows of this establishment in `table`."""
        return Target(cast("Table", table), self.establishment_id, keys, keys_of_one_school)

    def holds(self, table: Table) -> bool:
        """Whether `table`, a staging table, has rows."""
        return bool(self.session.scalar(select(exists(select(table)))))


def update_students(updating: Updating) -> None:
    """Divisions first, which students point to, then students; last the divisions that nobody is in any more."""
    divisions = updating.target(DIVISION, "code")
    read = _divisions_read(updating)
    updating.report.divisions.read = updating.session.scalar(select(func.count()).select_from(read)) or 0
    had_divisions = take_in(updating.session, divisions, read, ["label"], updating.report.divisions)
    if FileKind.STUDENTS in updating.staged:
        _update_students(updating)
    if had_divisions:
        _mark_divisions_gone(updating, divisions, read)


def _mark_divisions_gone(updating: Updating, divisions: Target, read: Subquery) -> None:
    inhabited = exists(
        select(STUDENT.c.id).where(
            STUDENT.c.establishment_id == updating.establishment_id,
            STUDENT.c.division_id == DIVISION.c.id,
            STUDENT.c.gone_at.is_(None),
        )
    )
    still_read = exists(select(read.c.code).where(read.c.code == DIVISION.c.code))
    mark_gone(updating.session, divisions, inhabited | still_read, updating.now, updating.report.divisions)


def _divisions_read(updating: Updating) -> Subquery:
    """The divisions of the structures and of the students, with the label read now, else the one known."""
    codes = union_all(
        select(DIVISIONS.c.code, DIVISIONS.c.label), select(PLACEMENTS.c.division_code, null().label("label"))
    ).subquery()
    known = select(DIVISION.c.label).where(
        DIVISION.c.establishment_id == updating.establishment_id, DIVISION.c.code == codes.c.code
    )
    label = func.coalesce(func.max(codes.c.label), known.scalar_subquery())
    return select(codes.c.code, label.label("label")).group_by(codes.c.code).subquery()


def _update_students(updating: Updating) -> None:
    division = (DIVISION.c.establishment_id == updating.establishment_id) & (
        DIVISION.c.code == PLACEMENTS.c.division_code
    )
    grant = exists(select(GRANTS).where(GRANTS.c.siecle_id == STUDENTS.c.siecle_id))
    ready = (
        select(STUDENTS, DIVISION.c.id.label("division_id"), grant.label("scholarship"))
        .outerjoin_from(STUDENTS, PLACEMENTS, PLACEMENTS.c.siecle_id == STUDENTS.c.siecle_id)
        .outerjoin(DIVISION, division)
    )
    columns = [*_OF_STUDENT, "division_id", "scholarship"]
    _update_persons(updating, STUDENT, ready, columns, STUDENT_ADDRESSES, UNREADABLE_STUDENTS)


def update_guardians(updating: Updating) -> None:
    """The persons of the guardians' file."""
    ready = select(GUARDIANS).select_from(GUARDIANS)
    _update_persons(updating, GUARDIAN, ready, _OF_GUARDIAN, GUARDIAN_ADDRESSES, UNREADABLE_GUARDIANS)


def _update_persons(
    updating: Updating,
    model: FromClause,
    persons: Select[tuple[object, ...]],
    columns: Sequence[str],
    addresses: Table,
    unreadable: Table,
) -> None:
    """Take in `persons`, with their addresses when the file has any; spare those that could not be read."""
    staging = STUDENTS if model is STUDENT else GUARDIANS
    counts = updating.report.students if model is STUDENT else updating.report.guardians
    counts.read = updating.staged.count(staging)
    if updating.holds(addresses):
        persons = persons.outerjoin(addresses, addresses.c.address_id == staging.c.address_id)
        persons = persons.add_columns(*(addresses.c[name] for name in _ADDRESS))
        columns = [*columns, *_ADDRESS]
    target = updating.target(model, "siecle_id")
    known = {"birth_date"} if model is STUDENT else set()
    spared = _named_in(model, staging) | _named_in(model, unreadable)
    if take_in(updating.session, target, persons.subquery(), columns, counts, never_forgotten=known):
        mark_gone(updating.session, target, spared, updating.now, counts)


def _named_in(model: FromClause, staging: Table) -> ColumnElement[bool]:
    return exists(select(literal(1)).select_from(staging).where(staging.c.siecle_id == model.c.siecle_id))
