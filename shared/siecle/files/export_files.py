"""What one export file is: its kind, its school, its date, told by its content and never by its name."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from shared.establishments.codes.uai import has_form
from shared.models.school import FileKind
from shared.siecle.files.encoding import Encoding, tell_encoding
from shared.siecle.files.opening import Source
from shared.siecle.files.prolog import WEB_PAGE, Prolog, read_prolog
from shared.siecle.files.streaming import read_parameters, stream_records
from shared.siecle.losses import school_year_of
from shared.siecle.report import ImportRefused, quoted

KINDS = {
    "BEE_ELEVES": FileKind.STUDENTS,
    "BEE_RESPONSABLES": FileKind.GUARDIANS,
    "BEE_STRUCTURES": FileKind.STRUCTURES,
    "BEE_COMMUN": FileKind.COMMON,
    "BEE_COMMUNS": FileKind.COMMON,
    "BEE_NOMENCLATURE": FileKind.NOMENCLATURE,
    "BEE_NOMENCLATURES": FileKind.NOMENCLATURE,
}

_AGAIN = "Téléchargez-le de nouveau depuis SIECLE."


@dataclass(frozen=True)
class Export:
    """A file whose beginning was read, and whose bytes were found readable to the end."""

    source: Source
    root: str
    """The name of its root element, as written."""
    encoding: Encoding
    uai: str | None
    """None when the file does not say it."""
    exported_at: datetime | None
    """HORODATAGE, else DATE_EXPORT: local time of the school, without a zone."""
    school_year: int | None
    """ANNEE_SCOLAIRE, 2026 for 2026-2027; else that of the day of the export, where it is sure."""

    @property
    def kind(self) -> FileKind:
        """What it holds."""
        return KINDS[self.root.upper()]

    @property
    def label(self) -> str:
        """The name of the file, as the messages show it."""
        return self.source.label

    def records(self, wanted: Collection[str]) -> Iterator[tuple[str, etree._Element]]:
        """Each record of the blocks called one of `wanted`, with the tag of its block; see `stream_records`."""
        return stream_records(self.source, self.encoding.name, self.root, wanted)


def read_export(source: Source) -> Export:
    """What `source` is, read from its beginning, after all of its bytes were looked at once.

    Raises:
        ImportRefused: not XML, a DTD, an unknown kind, a wrong encoding, or a beginning that makes no sense.
    """
    prolog = _prolog_of(source)
    root = prolog.root or ""
    if root.lower() == WEB_PAGE:
        raise ImportRefused(
            f"Le fichier {quoted(source.label)} n'est pas un export attendu de SIECLE mais une page web (html)\u00a0: "
            "votre session y était sans doute terminée. Reconnectez-vous à SIECLE et refaites le téléchargement."
        )
    if root.upper() not in KINDS:
        raise ImportRefused(
            f"Le fichier {quoted(source.label)} n'est pas un export attendu de SIECLE (il commence par "
            f"{quoted(root)}). Donnez ElevesAvecAdresses, ResponsablesAvecAdresses, Structures, Communs ou "
            "Nomenclature."
        )
    encoding = tell_encoding(source.label, prolog.encoding, source.chunks())
    parameters = read_parameters(source, encoding.name, root)
    exported_at = _export_time_in(source, parameters)
    year = school_year_of(parameters.get("ANNEE_SCOLAIRE"), exported_at.date() if exported_at else None)
    return Export(source, root, encoding, _uai_in(source, parameters), exported_at, year)


def _prolog_of(source: Source) -> Prolog:
    start = next(source.chunks(), b"")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ImportRefused(
            f"Le fichier {quoted(source.label)} est écrit en UTF-16, ce que SIECLE ne fait pas. {_AGAIN}"
        )
    prolog = read_prolog(start)
    if prolog is None:
        raise ImportRefused(f"Le fichier {quoted(source.label)} n'est pas un fichier XML. {_AGAIN}")
    if prolog.root is None:
        raise ImportRefused(
            f"Le fichier {quoted(source.label)} contient une définition de type (DOCTYPE), ce que SIECLE n'écrit "
            "jamais. Par prudence il n'a pas été lu."
        )
    return prolog


def _uai_in(source: Source, parameters: dict[str, str]) -> str | None:
    written = parameters.get("UAJ", "").upper()
    if not written:
        return None
    if not has_form(written):
        raise ImportRefused(
            f"Le fichier {quoted(source.label)} vient de l'établissement {quoted(written)}, qui n'est pas un UAI "
            "(sept chiffres et une lettre)."
        )
    return written


def _export_time_in(source: Source, parameters: dict[str, str]) -> datetime | None:
    for name, form in (("HORODATAGE", "%d/%m/%Y %H:%M:%S"), ("DATE_EXPORT", "%d/%m/%Y")):
        written = parameters.get(name)
        if written:
            try:
                return datetime.strptime(written, form)  # noqa: DTZ007 - the file tells no zone
            except ValueError:
                raise ImportRefused(
                    f"Le fichier {quoted(source.label)} porte une date d'export qui n'en est pas une\u00a0: "
                    f"{name} vaut {quoted(written)}. {_AGAIN}"
                ) from None
    return None
