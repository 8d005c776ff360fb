"""The end of an import: what it did to whom, what it loses, and whether that was accepted (R32)."""

from datetime import date

from sqlalchemy import exists, select

from shared.french import agreed
from shared.journal import Actor
from shared.models.imports.changes import ImportRun
from shared.models.school import Division, Guardian, Student
from shared.siecle.effects.asking import refuse_unless_accepted
from shared.siecle.effects.changes import compare, keep_changes, known_before
from shared.siecle.effects.unaccompanied import said_of, without_legal_guardian
from shared.siecle.losses import Dated, doubts_about, losses_of
from shared.siecle.report import SENTENCES_KEPT
from shared.siecle.updating.school_base import Updating

WITHOUT_GUARDIAN = "élève présent sans représentant légal"
NO_ACCOUNT_FOR_ONE = (
    "personne n'aura de compte pour lui. Complétez ses responsables dans SIECLE, puis importez de nouveau."
)
NO_ACCOUNT = "personne n'aura de compte pour eux. Complétez leurs responsables dans SIECLE, puis importez de nouveau."
BY_LENGTH = 200


def weigh(updating: Updating, year_known: int | None, today: date, accepted: bool | str) -> None:
    """Tell in the report what the import does to whom, and go on only if what it loses was accepted.

    Raises:
        LossesNotAccepted: it was not.
    """
    report, session = updating.report, updating.session
    files = [
        Dated(export.label, export.school_year, export.exported_at.date() if export.exported_at else None)
        for export in updating.staged.exports.values()
    ]
    report.changes = compare(session, updating.establishment_id, today)
    report.losses = [
        *doubts_about(files, year_known, today),
        *losses_of(known_before(session), report.changes),
    ]
    _tell_of_unaccompanied(updating, today)
    refuse_unless_accepted(report, accepted)


def keep(updating: Updating, actor: Actor) -> None:
    """Keep what the import did to whom, and what it loses until somebody looked; nothing of one that did nothing."""
    report = updating.report
    if not report.changes and not report.losses:
        return
    run = ImportRun(
        establishment_id=updating.establishment_id,
        file_names=[export.label for export in updating.staged.exports.values()],
        imported_at=updating.now,
        imported_by=actor.name[:BY_LENGTH],
        loses=bool(report.losses),
        # The names are those of the changes that are kept: they go with the fiches.
        losses=[loss.as_json(with_names=False) for loss in report.losses],
    )
    updating.session.add(run)
    updating.session.flush()
    keep_changes(updating.session, run)
    report.run_id = run.id


def _tell_of_unaccompanied(updating: Updating, today: date) -> None:
    """Count the students present without a legal guardian, and name them once the school knows any guardian."""
    report, session = updating.report, updating.session
    found = without_legal_guardian(updating.establishment_id, today)
    named = (
        select(Student.siecle_id, Student.first_name, Student.family_name, Student.usage_name, Division.code)
        .outerjoin(Division, Division.id == Student.division_id)
        .where(*found)
    )
    rows = session.execute(named.order_by(Student.name_key, Student.id).limit(SENTENCES_KEPT)).all()
    report.without_legal_guardian = len(rows)
    if not rows:
        return
    of_school = select(Guardian.id).where(Guardian.establishment_id == updating.establishment_id)
    if not session.scalar(select(exists(of_school.where(Guardian.gone_at.is_(None))))):
        return
    report.findings.warnings.add(f"{said_of(len(rows))}\u00a0: {agreed(len(rows), NO_ACCOUNT_FOR_ONE, NO_ACCOUNT)}")
    for row in rows:
        name = f"{row.first_name} {row.usage_name or row.family_name}".strip()
        report.findings.warnings.add(
            f"L'élève {row.siecle_id} ({name}, {row.code or 'sans division'}) n'a pas de représentant légal.",
            WITHOUT_GUARDIAN,
        )
