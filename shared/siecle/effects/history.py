"""The imports that were done, and what each did to whom: listed, exported, and looked at by staff (R26, R32).

Every function takes the establishment: an import of another one is not found.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, ScalarSelect, Select, and_, delete, func, select, update
from sqlalchemy.orm import Session, contains_eager

from shared.acting.desk import Desk
from shared.models.imports.changes import ImportChange, ImportRun, PersonChange
from shared.models.journal import Action
from shared.models.school import Guardian, Student
from shared.rows.ownership import RowsOfSchools
from shared.rows.prepared import Number
from shared.siecle.losses import Sort

PAGE = 50
ROWS_AT_ONCE = 500
BY_LENGTH = 200

Counts = Mapping[tuple[Sort, PersonChange], int]


class RunNotFound(Exception):
    """The establishment has no such import."""


_RUNS = RowsOfSchools(ImportRun, RunNotFound)


@dataclass(frozen=True)
class RunLine:
    """One import of the list, and how many each change happened to."""

    run: ImportRun
    counts: Counts


def name_upload(session: Session, run_id: int | None, upload_id: int) -> None:
    """Note that an import that was just done is one that was asked for in the back office."""
    session.execute(update(ImportRun).where(ImportRun.id == run_id).values(upload_id=upload_id))


def run_of_upload(session: Session, establishment_id: int, upload_id: int) -> int | None:
    """The number under which the changes of an import of the back office are kept; none before it is done."""
    of_upload = (ImportRun.establishment_id == establishment_id, ImportRun.upload_id == upload_id)
    return session.scalar(select(ImportRun.id).where(*of_upload))


def count_to_see(session: Session, establishment_id: int) -> int:
    """How many imports lost something that nobody has looked at since."""
    return session.scalar(select(number_to_see(establishment_id))) or 0


def number_to_see(establishment_id: Number) -> ScalarSelect[int]:
    """The same as a column of another query."""
    return select(func.count(ImportRun.id)).where(*_to_see(establishment_id)).scalar_subquery()


def find_run(session: Session, establishment_id: int, run_id: int) -> RunLine:
    """One import, with how many each change happened to.

    Raises:
        RunNotFound: the establishment has no such import.
    """
    run = _RUNS.find(session, establishment_id, run_id)
    return RunLine(run, counts_of_runs(session, [run_id]).get(run_id, {}))


def changes_of_run(
    session: Session, run: ImportRun, sort: Sort, change: PersonChange, *, after_id: int = 0, limit: int = PAGE
) -> Sequence[ImportChange]:
    """Whom one change happened to, by name, from after the change numbered `after_id`; one query."""
    wanted = _of_run(run, sort).where(ImportChange.change == change, ImportChange.id > after_id)
    return session.scalars(wanted.order_by(ImportChange.id).limit(limit)).all()


def every_change(session: Session, run: ImportRun) -> Iterator[ImportChange]:
    """All of them, students first, kind by kind; a query for each page."""
    for sort in Sort:
        for change in PersonChange:
            after_id = 0
            while page := changes_of_run(session, run, sort, change, after_id=after_id, limit=ROWS_AT_ONCE):
                yield from page
                after_id = page[-1].id


def note_losses_seen(desk: Desk, run_id: int) -> None:
    """Somebody looked at what an import lost: « Accueil » speaks of it no more. Looking again changes nothing.

    Raises:
        RunNotFound: the establishment has no such import.
    """
    run = find_run(desk.session, desk.establishment_id, run_id).run
    seen = update(ImportRun).where(*_to_see(desk.establishment_id), ImportRun.id == run_id)
    result = desk.session.execute(seen.values(seen_at=desk.now, seen_by=desk.actor.name[:BY_LENGTH]))
    if cast("CursorResult[Any]", result).rowcount:
        subject = ", ".join(run.file_names)
        desk.note(
            Action.IMPORT_LOSSES_SEEN,
            subject=subject,
        )


def forget_old_runs(session: Session, before: datetime) -> None:
    """Remove, for the daily job, the imports of before `before`, with the names that their changes hold."""
    session.execute(delete(ImportRun).where(ImportRun.imported_at < before))


def are_to_see() -> ColumnElement[bool]:
    """Whether imports lost something that nobody has looked at since."""
    return and_(ImportRun.loses.is_(True), ImportRun.seen_at.is_(None))


def _to_see(establishment_id: Number) -> tuple[ColumnElement[bool], ...]:
    return ImportRun.establishment_id == establishment_id, are_to_see()


def _of_run(run: ImportRun, sort: Sort) -> Select[ImportChange]:
    of_run = select(ImportChange).where(ImportChange.run_id == run.id)
    if sort is Sort.STUDENTS:
        joined = of_run.join(Student, Student.id == ImportChange.student_id)
        return joined.options(contains_eager(ImportChange.student))
    return of_run.join(Guardian, Guardian.id == ImportChange.guardian_id).options(contains_eager(ImportChange.guardian))


def counts_of_runs(session: Session, run_ids: Sequence[int]) -> Mapping[int, Counts]:
    """How many persons each change of these imports happened to; one query."""
    counted = select(ImportChange.run_id, ImportChange.change, func.count(ImportChange.student_id), func.count()).where(
        ImportChange.run_id.in_(run_ids)
    )
    counts: dict[int, dict[tuple[Sort, PersonChange], int]] = {}
    for run_id, change, students, everybody in session.execute(
        counted.group_by(ImportChange.run_id, ImportChange.change)
    ):
        of_run = counts.setdefault(run_id, {})
        of_run[Sort.STUDENTS, change], of_run[Sort.GUARDIANS, change] = students, everybody - students
    return counts
