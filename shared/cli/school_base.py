"""Commands on the database and the school base: `init-db`, `make-siecle`, `import`."""

from pathlib import Path

import click
from sqlalchemy.orm import Session

from shared import schema
from shared.cli.program import (
    Installation,
    answer,
    establishment_id,
    existing_file,
    json_option,
    pass_installation,
    refuse,
    uai_option,
)
from shared.database import Database
from shared.duplicates.pairs.announcements import announce_duplicates
from shared.establishments.services import fill_catalogue
from shared.french import agreed
from shared.journal import COMMAND
from shared.models.import_changes import PersonChange
from shared.private_files import QUEUE_FILE, take_from_others
from shared.siecle.effects.asking import LossesNotAccepted
from shared.siecle.effects.unaccompanied import said_of
from shared.siecle.importing import import_files
from shared.siecle.invented import write_schools
from shared.siecle.losses import NAMES_SHOWN, Affected, Sort
from shared.siecle.report import Counts, ImportReport, SentencesOfAKind

SHOWN_OF_A_KIND = 10
"""Warnings and errors of one kind that are written out; `--json` lists them all."""
CHANGES_TOLD = {
    PersonChange.ARRIVED: ("arrive", "arrivent"),
    PersonChange.LEFT: ("part", "partent"),
    PersonChange.MOVED: ("change de division", "changent de division"),
}
"""Changes that are written out whatever their number; `--json` lists the others too."""


def prepare_database(installation: Installation) -> None:
    """Create or upgrade the tables, and fill an empty catalogue of téléservices.

    Files of the versions before, which everybody on the machine could read, are taken from the others.
    """
    database = Database(installation.settings.database)
    schema.upgrade(database.engine)
    if database.engine.url.database and database.engine.dialect.name == "sqlite":
        take_from_others(Path(database.engine.url.database))
    take_from_others(installation.settings.var_dir / QUEUE_FILE)
    with database.writing() as session:
        fill_catalogue(session)
    database.dispose()


@click.command("init-db")
@json_option
@pass_installation
def init_db(installation: Installation, as_json: bool) -> None:
    """Créer la base de données, ou la mettre à jour."""
    prepare_database(installation)
    answer(as_json, {"ready": True}, ["La base de données est prête."])


@click.command("make-siecle")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--students", type=int, required=True, metavar="N", help="Élèves par établissement.")
@click.option("--establishments", type=int, default=1, show_default=True, metavar="K")
@click.option("--duplicates", type=float, default=0.1, show_default=True, metavar="TAUX", help="De 0 à 1.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--dialect", type=click.Choice(["2017", "2019"]), default="2019", show_default=True)
@json_option
def make_siecle(
    directory: Path, students: int, establishments: int, duplicates: float, seed: int, dialect: str, as_json: bool
) -> None:
    """Écrire dans DIRECTORY les exports SIECLE d'établissements inventés."""
    schools = write_schools(
        directory,
        students=students,
        establishments=establishments,
        duplicates=duplicates,
        seed=seed,
        dialect="2017" if dialect == "2017" else "2019",
    )
    result = {
        "schools": [
            {
                "uai": school.uai,
                "name": school.name,
                "folder": str(school.folder),
                "files": [str(file) for file in school.files],
                "counts": school.counts,
            }
            for school in schools
        ]
    }
    lines = []
    for school in schools:
        students = school.counts["students"]
        lines.append(f"{school.uai}  {school.name} : {students} {agreed(students, 'élève')}, {school.folder}")
    answer(as_json, result, lines)


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=existing_file(), metavar="FILE...")
@uai_option(required=False)
@click.option("--dry-run", is_flag=True, help="Dire ce qui changerait, sans rien changer.")
@click.option("--older", is_flag=True, help="Accepter un fichier exporté avant le dernier importé.")
@click.option(
    "--accept-losses",
    is_flag=True,
    help="Importer même ce qui ferait beaucoup perdre (départs, noms, liens, adresses e-mail), ou d'une autre année "
    "scolaire ou d'un jour à venir ; vaut aussi --older.",
)
@json_option
@pass_installation
def import_(
    installation: Installation,
    files: tuple[Path, ...],
    uai: str | None,
    dry_run: bool,
    older: bool,
    accept_losses: bool,
    as_json: bool,
) -> None:
    """Importer les fichiers SIECLE d'un établissement (xml ou zip, dans n'importe quel ordre)."""

    def announce(session: Session, report: ImportReport) -> None:
        school = establishment_id(session, report.uai)
        announce_duplicates(session, school, now=installation.now, today=installation.today)

    try:
        report = import_files(
            installation.database,
            files,
            uai=uai.upper() if uai else None,
            accept_older=older or accept_losses,
            accept_losses=accept_losses,
            dry_run=dry_run,
            now=installation.now,
            actor=COMMAND,
            time_zone=installation.settings.time_zone,
            on_applied=announce,
        )
    except LossesNotAccepted as refused:
        refuse(f"{refused}\nVérifiez les fichiers. Pour les importer quand même, ajoutez --accept-losses.")
    answer(as_json, report.as_json(), report_lines(report))


def report_lines(report: ImportReport) -> list[str]:
    """What an import did, in words."""
    lines = [f"{report.uai}  {report.establishment}{' (essai : rien n’a été changé)' if report.dry_run else ''}"]
    lines += [
        _count_line(report.students, "élève lu", "élèves lus"),
        _count_line(report.guardians, "responsable lu", "responsables lus"),
        _count_line(report.links, "lien lu", "liens lus"),
        _count_line(report.divisions, "division lue", "divisions lues", feminine=True),
    ]
    lines += [_change_line(change) for change in report.changes if change.change in CHANGES_TOLD]
    if report.without_legal_guardian:
        lines.append(f"  {said_of(report.without_legal_guardian)}")
    if report.losses:
        lines.append("  À confirmer (--accept-losses) :" if report.dry_run else "  Pertes acceptées :")
        lines += [f"    - {loss.with_names}" for loss in report.losses]
    for title, found in (("Avertissements", report.findings.warnings), ("Erreurs", report.findings.errors)):
        if found.count:
            lines.append(f"  {title} : {found.count}")
            lines += [line for kind in found for line in _kind_lines(kind)]
    return lines


def _count_line(counts: Counts, one: str, many: str, *, feminine: bool = False) -> str:
    new, changed, lost = ("nouvelle", "modifiée", "disparue") if feminine else ("nouveau", "modifié", "disparu")
    parts = (
        (counts.read, agreed(counts.read, one, many)),
        (counts.created, agreed(counts.created, new, "nouvelles" if feminine else "nouveaux")),
        (counts.updated, agreed(counts.updated, changed)),
        (counts.gone, agreed(counts.gone, lost)),
    )
    return "  " + ", ".join(f"{number} {word}" for number, word in parts)


def _change_line(found: Affected) -> str:
    noun = "élève" if found.sort is Sort.STUDENTS else "responsable"
    shown, more = found.names[:NAMES_SHOWN], found.count - NAMES_SHOWN
    others = f" et {more} {agreed(more, 'autre')} (--json les donne)" if more > 0 else ""
    verb = agreed(found.count, *CHANGES_TOLD[found.change])
    return f"  {found.count} {agreed(found.count, noun)} {verb} : {', '.join(shown)}{others}"


def _kind_lines(found: SentencesOfAKind) -> list[str]:
    """The sentences of one kind, ten at most; several are announced by how many there are."""
    shown = found.kept[:SHOWN_OF_A_KIND]
    more = found.count - len(shown)
    lines = [f"    {found.kind} ({found.count})"] if found.count > 1 else []
    lines += [f"    - {sentence}" for sentence in shown]
    return [*lines, f"    … et {more} {agreed(more, 'autre')} (--json les donne)"] if more else lines
