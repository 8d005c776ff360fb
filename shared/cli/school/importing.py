"""The command `import`."""

from pathlib import Path

import click

from shared.cli.installation import (
    Installation,
    answer,
    existing_file,
    json_option,
    pass_installation,
    uai_option,
)
from shared.cli.refusing import refuse
from shared.french import agreed
from shared.journal import COMMAND
from shared.models.imports.changes import PersonChange
from shared.siecle.asked import Asked
from shared.siecle.effects.asking import LossesNotAccepted
from shared.siecle.effects.unaccompanied import said_of
from shared.siecle.importing import import_files
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
    try:
        report = import_files(
            installation.database,
            files,
            Asked(
                actor=COMMAND,
                now=installation.now,
                uai=uai.upper() if uai else None,
                accept_older=older or accept_losses,
                accept_losses=accept_losses,
                dry_run=dry_run,
                time_zone=installation.settings.time_zone,
                announce=True,
            ),
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
