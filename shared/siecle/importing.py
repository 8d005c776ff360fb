"""Imports SIECLE files into the school base: reads them all first, then changes the base in one short transaction."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from shared.acting.desk import Act
from shared.database import Database, refresh_statistics
from shared.duplicates.pairs.whole_school import compare_school
from shared.duplicates.standing.locks import note_changed
from shared.duplicates.standing.replay import put_together, take_apart
from shared.french import agreed
from shared.journal import Actor
from shared.logs.discretion import where
from shared.models.journal import Action
from shared.models.school import Establishment, FileKind, Guardian, Guardianship, Student
from shared.siecle.asked import UNSEEN, Asked, Steps
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
from shared.siecle.updating.staging import Staged, stage

DUPLICATES_WAIT = "L'import est fait, mais les doublons n'ont pas pu être cherchés\u00a0: ils le seront cette nuit."

log = logging.getLogger(__name__)


def import_files(database: Database, paths: Sequence[Path], asked: Asked, steps: Steps = UNSEEN) -> ImportReport:
    """Import the files of one school, in any order, as XML or zips; all of it or nothing.

    An edge: unlike the rules it opens its own connection and commits. Reading takes most of the time and locks nobody
    out; the change itself is a few statements. A dry run makes the same change and undoes it. Once the change is
    committed, duplicates are looked for, which keeps nobody waiting; should that fail, the night does it (R12).

    Raises:
        ImportRefused: nothing was changed.
    """
    with steps.bounds():
        exports = [read_export(source) for source in open_sources(paths)]
        uai = school_of(exports, asked.uai)
        refuse_without_data(exports)
    with _private_connection(database) as connection:
        with steps.bounds(), connection.begin():
            staged = stage(connection, exports, uai, steps.progress)
        connection.execution_options(writing=True)
        with Session(connection) as session:
            report = _apply(session, staged, uai, asked)
            if not asked.dry_run:
                steps.on_applied(session, report)
                refresh_statistics(session, Student, Guardian, Guardianship)
                session.commit()
    if not asked.dry_run:
        _look_for_duplicates(database, report, asked)
    return report


def _apply(session: Session, staged: Staged, uai: str, asked: Asked) -> ImportReport:
    """Bring the school base in line with what `staged` holds, on the connection that it was staged on.

    Raises:
        ImportRefused: a file is older than the last one imported, or something would be lost, that was not accepted.
    """
    establishment = establish(session, uai, staged.school, asked.now)
    older = sentences_about_older_files(session, establishment.id, staged.exports)
    if older and not asked.accept_older:
        raise ImportRefused(" ".join(older))
    report = ImportReport(uai, establishment.name, asked.dry_run, staged.findings, older)
    updating = Updating(session, staged, establishment.id, asked.now, report)
    year = school_year_known(session, establishment.id)
    remember(session, establishment.id, asked.today)
    # The files know nothing of fusions: they meet the fiches as the last ones left them.
    fused = take_apart(session, establishment.id)
    _take_in(updating, asked.actor)
    put_together(session, fused)
    weigh(updating, year, asked.today, accepted=asked.dry_run or asked.accept_losses)
    keep(updating, asked.actor)
    note_changed(session, establishment.id)
    _warn_of_an_exodus(report)
    note_exports(session, establishment.id, staged.exports, asked.now)
    _write_in_the_journal(updating, asked.actor)
    session.flush()
    return report


def _take_in(updating: Updating, actor: Actor) -> None:
    staged = updating.staged
    if FileKind.STUDENTS in staged or FileKind.STRUCTURES in staged:
        take_in_students(updating, actor)
    if FileKind.GUARDIANS in staged:
        take_in_guardians(updating, actor)
    update_links(updating)


def _write_in_the_journal(updating: Updating, actor: Actor) -> None:
    report = updating.report
    Act(updating.session, actor, updating.now).record(
        Action.SCHOOL_IMPORTED,
        establishment_id=updating.establishment_id,
        subject=report.uai,
        details={
            "files": [export.label for export in updating.staged.exports.values()],
            **report.counts,
            "losses": [loss.tick for loss in report.losses],
        },
    )


def _look_for_duplicates(database: Database, report: ImportReport, asked: Asked) -> None:
    """What may fail here is no failure of the import, which is done."""
    try:
        with database.reading() as session:
            found = session.scalars(select(Establishment.id).where(Establishment.uai == report.uai)).one()
        compare_school(database, found, now=asked.now, today=asked.today, announce=asked.announce)
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
