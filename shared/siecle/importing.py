"""Imports SIECLE files into the school base: reads them all first, then changes the base in one short transaction."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from shared import clock
from shared.database import Database, refresh_statistics
from shared.duplicates.pairs.whole_school import compare_school
from shared.duplicates.standing.locks import note_changed
from shared.duplicates.standing.replay import put_together, take_apart
from shared.french import agreed
from shared.journal import Actor, record
from shared.logs.discretion import where
from shared.models.journal import Action
from shared.models.school import Establishment, FileKind, Guardian, Guardianship, Student
from shared.siecle.effects.before import remember
from shared.siecle.effects.telling import keep, weigh
from shared.siecle.files.export_files import read_export
from shared.siecle.files.one_school import refuse_without_data, school_of
from shared.siecle.files.opening import open_sources
from shared.siecle.recognising.taking_in import take_in_guardians, take_in_students
from shared.siecle.report import ImportRefused, ImportReport
from shared.siecle.updating.establishment import establish, note_exports, school_year_known, sentences_about_older_files
from shared.siecle.updating.linking import update_links
from shared.siecle.updating.school_base import Updating
from shared.siecle.updating.staging import Progress, Staged, stage


@dataclass(frozen=True)
class Accepted:
    """What was confirmed of an import."""

    older: bool
    """Files exported before the last ones imported."""
    losses: bool | str
    """Whatever is lost, or what has this mark."""


DUPLICATES_WAIT = "L'import est fait, mais les doublons n'ont pas pu être cherchés\u00a0: ils le seront cette nuit."

log = logging.getLogger(__name__)

OnApplied = Callable[[Session, ImportReport], None]
"""Called in the transaction of the import, just before it is committed."""
Bounds = Callable[[], AbstractContextManager[None]]
"""What limits the time and the memory of whatever is done within."""


def import_files(
    database: Database,
    paths: Sequence[Path],
    *,
    uai: str | None,
    accept_older: bool,
    dry_run: bool,
    now: datetime,
    actor: Actor,
    accept_losses: bool | str = False,
    time_zone: str = clock.TIME_ZONE,
    progress: Progress | None = None,
    on_applied: OnApplied | None = None,
    bounds: Bounds = nullcontext,
    announce: bool = False,
) -> ImportReport:
    """Import the files of one school, in any order, as XML or zips; all of it or nothing.

    An edge: unlike the rules it opens its own connection and commits. Reading takes most of the time and locks nobody
    out; the change itself is a few statements. A dry run makes the same change and undoes it. Once the change is
    committed, duplicates are looked for, which keeps nobody waiting; should that fail, the night does it (R12).

    `uai` is the school that the files must be of; None takes the one they name. `accept_losses` is True for whatever is
    lost, or the mark of what was confirmed (R32); a dry run needs neither. `time_zone` tells which day it is.
    `progress` is told how many records were read; it may write through another connection. `on_applied` stands or falls
    with the import, and is not called in a dry run. `bounds` is what the reading is done within. With `announce`, the
    school is told by mail of the duplicates that were not known (R14).

    Raises:
        ImportRefused: nothing was changed.
    """
    with bounds():
        exports = [read_export(source) for source in open_sources(paths)]
        school = school_of(exports, uai)
        refuse_without_data(exports)
    with _private_connection(database) as connection:
        with bounds(), connection.begin():
            staged = stage(connection, exports, school, progress or (lambda _count: None))
        connection.execution_options(writing=True)
        with Session(connection) as session:
            today = clock.local_date(now, time_zone)
            accepted = Accepted(accept_older, losses=dry_run or accept_losses)
            report = apply(session, staged, uai=school, accepted=accepted, now=now, today=today, actor=actor)
            report.dry_run = dry_run
            if not dry_run:
                if on_applied is not None:
                    on_applied(session, report)
                refresh_statistics(session, Student, Guardian, Guardianship)
                session.commit()
    if not dry_run:
        _look_for_duplicates(database, report, now=now, today=today, announce=announce)
    return report


def apply(
    session: Session, staged: Staged, *, uai: str, accepted: Accepted, now: datetime, today: date, actor: Actor
) -> ImportReport:
    """Bring the school base in line with what `staged` holds, on the connection that it was staged on.

    Raises:
        ImportRefused: a file is older than the last one imported, or something would be lost, that was not accepted.
    """
    establishment = establish(session, uai, staged.school, now)
    older = sentences_about_older_files(session, establishment.id, staged.exports)
    if older and not accepted.older:
        raise ImportRefused(" ".join(older))
    report = ImportReport(uai, establishment.name, False, staged.findings, older)
    updating = Updating(session, staged, establishment.id, now, report)
    year = school_year_known(session, establishment.id)
    remember(session, establishment.id, today)
    # The files know nothing of fusions: they meet the fiches as the last ones left them.
    fused = take_apart(session, establishment.id)
    if FileKind.STUDENTS in staged or FileKind.STRUCTURES in staged:
        take_in_students(updating, actor)
    if FileKind.GUARDIANS in staged:
        take_in_guardians(updating, actor)
    update_links(updating)
    put_together(session, fused)
    weigh(updating, year, today, accepted.losses)
    keep(updating, actor)
    note_changed(session, establishment.id)
    _warn_of_an_exodus(report)
    note_exports(session, establishment.id, staged.exports, now)
    record(
        session,
        Action.SCHOOL_IMPORTED,
        actor,
        now,
        establishment_id=establishment.id,
        subject=uai,
        details={
            "files": [export.label for export in staged.exports.values()],
            **report.counts,
            "losses": [loss.tick for loss in report.losses],
        },
    )
    session.flush()
    return report


def _look_for_duplicates(
    database: Database, report: ImportReport, *, now: datetime, today: date, announce: bool
) -> None:
    """What may fail here is no failure of the import, which is done."""
    try:
        with database.reading() as session:
            found = session.scalars(select(Establishment.id).where(Establishment.uai == report.uai)).one()
        compare_school(database, found, now=now, today=today, announce=announce)
    except Exception as error:
        log.error("duplicates of %s wait for the night: %s", report.uai, where(error))
        report.findings.warnings.add(DUPLICATES_WAIT)


def _warn_of_an_exodus(report: ImportReport) -> None:
    for counts, noun in ((report.students, "élève"), (report.guardians, "responsable")):
        if counts.gone > counts.read:
            are = agreed(counts.gone, "n'est", "ne sont")
            report.findings.warnings.add(
                f"{counts.gone} {agreed(counts.gone, noun)} {are} plus dans les fichiers, qui n'en contiennent que "
                f"{counts.read}\u00a0: vérifiez que l'export est complet."
            )


@contextmanager
def _private_connection(database: Database) -> Iterator[Connection]:
    """A connection that is really closed at the end, rather than given back: its temporary tables go with it."""
    connection = database.engine.connect()
    connection.detach()
    try:
        yield connection
    finally:
        connection.close()
