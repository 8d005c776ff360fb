"""Opens what staff give, xml files or zips, told by content; whatever could harm the server is refused."""

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from shared.siecle.files.prolog import BYTE_ORDER_MARK
from shared.siecle.report import ImportRefused, quoted

CHUNK_BYTES = 64 * 1024
EXPANDED_BYTES = 256 * 1024**2
"""The most that one file may hold once expanded; real ones stay under 30 MB."""
EXPANDED_AT_ONCE = 2 * EXPANDED_BYTES
"""The most that the files of one import may hold together."""
TRUSTED_BYTES = 10 * 1024**2
EXPANSION_RATIO = 200
"""Beyond `TRUSTED_BYTES`, a file that grows more than this is a bomb; exports grow about twentyfold."""
ENTRIES_IN_ZIP = 30
FILES_AT_ONCE = 30
"""In zips or not; SIECLE has seven kinds of export that are of use here."""
READ_AT_ONCE = 256 * 1024
"""A zip whose directory is longer is not read: it would list thousands of files."""

ZIP_START = b"PK"
ENCRYPTED = 0x1
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others take memory as the file pleases, and nobody zips an export with them."""
XML_STARTS = (b"<", b"\xff\xfe", b"\xfe\xff")

_AGAIN = "Téléchargez-le de nouveau depuis SIECLE."


@dataclass(frozen=True)
class Source:
    """One XML file, alone or in a zip; it can be read several times."""

    path: Path
    member: str | None = None

    @property
    def label(self) -> str:
        """The name of the file, as the messages show it."""
        return self.path.name if self.member is None else f"{PurePosixPath(self.member).name} ({self.path.name})"

    def chunks(self) -> Iterator[bytes]:
        """The expanded bytes, by chunks.

        Raises:
            ImportRefused: it cannot be read, is damaged, or expands beyond what an export can be.
        """
        expanded = 0
        with _damage_refused(self.label), self._opened() as stream:
            while chunk := stream.read(CHUNK_BYTES):
                expanded += len(chunk)
                if expanded > EXPANDED_BYTES:
                    raise _too_big(self.label)
                yield chunk

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        if self.member is None:
            with self.path.open("rb") as stream:
                yield stream
        else:
            with _archive(self.path) as archive, archive.open(self.member) as stream:
                yield stream


def open_sources(paths: Sequence[Path]) -> list[Source]:
    """The XML files among `paths` and inside their zips, in the order given.

    Raises:
        ImportRefused: a file is missing or neither XML nor zip, or a zip is damaged, encrypted, dangerous or empty.
    """
    if not paths:
        raise ImportRefused("Aucun fichier\u00a0: donnez au moins un fichier exporté de SIECLE (xml ou zip).")
    if len(paths) > FILES_AT_ONCE:
        raise ImportRefused(f"Trop de fichiers à la fois\u00a0: {FILES_AT_ONCE} au plus.")
    found = [each for path in paths for each in _sources_in(path)]
    if len(found) > FILES_AT_ONCE:
        raise ImportRefused(f"Trop de fichiers XML à la fois\u00a0: {FILES_AT_ONCE} au plus, zips compris.")
    if sum(expanded for _source, expanded in found) > EXPANDED_AT_ONCE:
        raise ImportRefused(
            f"Ces fichiers sont trop gros une fois décompressés\u00a0: {EXPANDED_AT_ONCE // 1024**2} Mo au plus. "
            "Ne donnez que les exports d'un seul établissement."
        )
    return [source for source, _expanded in found]


def _sources_in(path: Path) -> list[tuple[Source, int]]:
    """The XML files that `path` is or holds, each with its size in bytes once expanded."""
    start = _start_of(path)
    if start.startswith(ZIP_START):
        with _damage_refused(path.name), _archive(path) as archive:
            return _sources_in_zip(path, archive)
    if not looks_like_xml(start):
        raise ImportRefused(
            f"Le fichier {quoted(path.name)} n'est ni un fichier XML ni un zip. "
            "Donnez les fichiers exportés de SIECLE tels qu'ils ont été téléchargés."
        )
    return [(Source(path), path.stat().st_size)]


class _ShortReads(io.FileIO):
    """A file of which nobody reads much at once: the library reads the directory of a zip whole, however long."""

    def read(self, size: int | None = -1, /) -> bytes:
        """As a file does; a zip whose directory is too long counts as damaged."""
        wanted = READ_AT_ONCE + 1 if size is None or size < 0 else size
        content = super().read(wanted) if wanted <= READ_AT_ONCE + 1 else None
        if content is None or len(content) > READ_AT_ONCE:
            raise zipfile.BadZipFile
        return content


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    with _ShortReads(path) as file, zipfile.ZipFile(file) as archive:
        yield archive


def _start_of(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            start = stream.read(CHUNK_BYTES)
    except FileNotFoundError:
        raise ImportRefused(f"Le fichier {quoted(path.name)} n'existe pas\u00a0: vérifiez son nom.") from None
    except IsADirectoryError:
        raise ImportRefused(f"{quoted(path.name)} est un dossier\u00a0: donnez les fichiers qu'il contient.") from None
    except OSError as error:
        raise ImportRefused(f"Le fichier {quoted(path.name)} ne peut pas être lu ({error.strerror}).") from None
    if not start:
        raise ImportRefused(f"Le fichier {quoted(path.name)} est vide. {_AGAIN}")
    return start


def looks_like_xml(start: bytes) -> bool:
    """Whether these first bytes can be those of an XML file."""
    return start.removeprefix(BYTE_ORDER_MARK).lstrip(b" \t\r\n").startswith(XML_STARTS)


def _sources_in_zip(path: Path, archive: zipfile.ZipFile) -> list[tuple[Source, int]]:
    listed = archive.infolist()
    if not all(entry.filename for entry in listed):
        # The library asks for the last letter of each name.
        raise zipfile.BadZipFile
    entries = [entry for entry in listed if not entry.is_dir()]
    if len(entries) > ENTRIES_IN_ZIP:
        raise ImportRefused(f"Le zip {quoted(path.name)} contient trop de fichiers\u00a0: {ENTRIES_IN_ZIP} au plus.")
    for entry in entries:
        _refuse_if_dangerous(path, entry)
    found = [(Source(path, entry.filename), entry.file_size) for entry in entries if _holds_xml(archive, entry)]
    if not found:
        raise ImportRefused(
            f"Le zip {quoted(path.name)} ne contient aucun fichier XML. "
            "Donnez le zip tel qu'il a été téléchargé depuis SIECLE."
        )
    return found


def _refuse_if_dangerous(path: Path, entry: zipfile.ZipInfo) -> None:
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    if ".." in name.parts or name.is_absolute() or ":" in entry.filename:
        raise ImportRefused(
            f"Le zip {quoted(path.name)} contient un nom de fichier dangereux ({quoted(entry.filename)}). "
            "Ce n'est pas un export de SIECLE\u00a0: ne l'utilisez pas."
        )
    if entry.flag_bits & ENCRYPTED:
        raise ImportRefused(
            f"Le zip {quoted(path.name)} est protégé par un mot de passe. "
            "Ouvrez-le sur votre poste et donnez les fichiers XML qu'il contient."
        )
    if entry.compress_type not in COMPRESSIONS:
        raise NotImplementedError
    swollen = entry.file_size > max(TRUSTED_BYTES, EXPANSION_RATIO * entry.compress_size)
    if entry.file_size > EXPANDED_BYTES or swollen:
        raise _too_big(f"{name.name} ({path.name})")


def _holds_xml(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    with archive.open(entry) as stream:
        return looks_like_xml(stream.read(1024))


def _too_big(label: str) -> ImportRefused:
    return ImportRefused(
        f"Le fichier {quoted(label)} est démesuré une fois décompressé\u00a0: ce n'est pas un export de SIECLE."
    )


@contextmanager
def _damage_refused(label: str) -> Iterator[None]:
    try:
        yield
    except NotImplementedError:
        raise ImportRefused(
            f"Le fichier {quoted(label)} est compressé d'une manière inconnue. "
            "Ouvrez-le sur votre poste et donnez les fichiers XML qu'il contient."
        ) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError):
        raise ImportRefused(f"Le fichier {quoted(label)} est abîmé ou incomplet. {_AGAIN}") from None
