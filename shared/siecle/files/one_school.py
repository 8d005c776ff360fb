"""The files of one import: of one school, each kind once. Pure."""

from collections.abc import Sequence
from itertools import combinations

from shared.establishments.codes.uai import has_form
from shared.models.school import FileKind
from shared.siecle.files.export_files import Export
from shared.siecle.report import ImportRefused, quoted


def school_of(exports: Sequence[Export], uai: str | None) -> str:
    """The UAI that every file is of; `uai` is the one that was chosen, which stands where no file says any.

    Raises:
        ImportRefused: two schools, another one than that chosen, none at all, or two files of one kind.
    """
    if uai is not None and not has_form(uai):
        raise ImportRefused(
            f"{quoted(uai)} n'est pas un UAI\u00a0: il faut sept chiffres et une lettre, comme 9740001H."
        )
    named = {export.uai: export for export in exports if export.uai}
    if len(named) > 1:
        schools = ", ".join(f"{export.label} de {export.uai}" for export in named.values())
        raise ImportRefused(
            f"Ces fichiers ne viennent pas du même établissement\u00a0: {schools}. Importez-les séparément."
        )
    _refuse_two_of_a_kind(exports)
    found = next(iter(named), None)
    if found is not None and uai is not None and found != uai:
        raise ImportRefused(
            f"Le fichier {quoted(named[found].label)} est celui de l'établissement {found}, pas de {uai}. "
            "Vérifiez l'établissement choisi et le fichier."
        )
    if found is None and uai is None:
        raise ImportRefused("Aucun de ces fichiers ne dit de quel établissement il est\u00a0: précisez son UAI.")
    return uai or found or ""


def _refuse_two_of_a_kind(exports: Sequence[Export]) -> None:
    """Also when one of the two does not say its school: it is taken for the same, and one of them would be lost."""
    for one, other in combinations(exports, 2):
        if one.kind is other.kind:
            raise ImportRefused(
                f"Deux fichiers de même nature\u00a0: {one.label} et {other.label}. Ne donnez que le plus récent "
                "(et celui «\u00a0avec adresses\u00a0» s'il existe)."
            )


def refuse_without_data(exports: Sequence[Export]) -> None:
    """Refuse files of which nothing is ever taken: they would only create a school that nobody is in.

    Raises:
        ImportRefused: every file is a nomenclature.
    """
    if all(export.kind is FileKind.NOMENCLATURE for export in exports):
        labels = ", ".join(export.label for export in exports)
        raise ImportRefused(
            f"{labels} ne contient que des libellés\u00a0: il n'y a rien à en importer. Donnez aussi "
            "ElevesAvecAdresses et ResponsablesAvecAdresses."
        )
