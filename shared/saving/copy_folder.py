"""A copy on the disk: a folder that says what it holds, and of each file how it was when it was written.

    manifest.json     what it is: its form, the database, the version of its tables, when it was made
    database.dump     PostgreSQL's own format, or database.sqlite
    files/imports/…   the files of imports that wait
    files/theme/…     the appearance of the portal
    SHA256SUMS        of all of these; `sha256sum --check SHA256SUMS` reads it too

It appears whole or not at all: it is written beside its place, under another name, and renamed at the end.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from shared.refusals import reason_of
from shared.saving.refusals import CopyDamaged, DiskRefused, SavingRefused

FORM = 1
"""Of the folder; a later version of the program may write another."""
MANIFEST, SUMS, FILES = "manifest.json", "SHA256SUMS", "files"
DATABASES = {"postgresql": "database.dump", "sqlite": "database.sqlite"}
KEPT_FOLDERS = ("imports", "theme")
"""Of `VAR_DIR`. The queue makes itself again, and keys have no place beside what they open."""
LARGEST_LIST = 10 * 1024**2
"""Bytes of the list of files, and of the manifest, that are read."""
_LINE = re.compile(r"([0-9a-f]{64})  (\S.{0,1000})")


@dataclass(frozen=True)
class Manifest:
    """What a copy is."""

    form: int
    dialect: str
    """`postgresql` or `sqlite`."""
    revision: str
    """Of the tables."""
    made_at: str
    """The instant, in ISO 8601."""

    @property
    def instant(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.made_at)


@contextmanager
def written_whole(folder: Path) -> Iterator[Path]:
    """A private folder to write into, which takes its place once all went well and is on the disk.

    Raises:
        SavingRefused: something stands in its place, or the disk refused.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SavingRefused(f"{folder} existe déjà\u00a0: donnez un dossier nouveau. Rien n'a changé.")
    beside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.partiel")
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside.mkdir(mode=0o700)
        yield beside
        _push_to_disk(beside)
        if folder.exists():
            folder.rmdir()
        beside.rename(folder)
    except OSError as error:
        # Nobody knows of the name under which it is written.
        place = folder if str(error.filename) == str(beside) else Path(error.filename or folder)
        raise DiskRefused(place.absolute(), reason_of(error)) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Say what the copy is, and sum up every file that is in it."""
    _write_private(folder / MANIFEST, json.dumps(asdict(manifest), indent=1) + "\n")
    lines = [f"{_sum(path)}  {path.relative_to(folder).as_posix()}\n" for path in _files_of(folder)]
    _write_private(folder / SUMS, "".join(lines))


def read_manifest(folder: Path) -> Manifest:
    """What the copy is, once each of its files was found to be what was written, and nothing else there.

    Raises:
        SavingRefused: it is no copy, or one of a later version; the message says which.
        CopyDamaged: a file is missing, cut off, altered, or was added.
    """
    if not (folder / SUMS).is_file():
        raise SavingRefused(f"{folder} n'est pas une copie faite par « teleservices backup »\u00a0: pas de {SUMS}.")
    sums = dict(_lines(folder))
    if MANIFEST not in sums:
        raise CopyDamaged(folder / SUMS, f"ne parle pas de {MANIFEST}")
    found = {path.relative_to(folder).as_posix(): path for path in _files_of(folder) if path.name != SUMS}
    for name in sorted(sums.keys() ^ found.keys()):
        raise CopyDamaged(folder / name, "manque" if name in sums else "n'est pas de la copie")
    for name, path in found.items():
        if _sum(path) != sums[name]:
            raise CopyDamaged(path, "est tronqué ou altéré")
    manifest = _parsed(folder / MANIFEST)
    if DATABASES.get(manifest.dialect) not in sums:
        raise CopyDamaged(folder, "ne contient pas la base de données")
    return manifest


def _parsed(path: Path) -> Manifest:
    try:
        said = json.loads(_read(path))
        form = int(said["form"])
        if form > FORM:
            raise SavingRefused(
                f"{path.parent} a été fait par une version plus récente de ce logiciel\u00a0: mettez-le à jour."
            )
        manifest = Manifest(form, str(said["dialect"]), str(said["revision"]), str(said["made_at"]))
        aware = manifest.instant.tzinfo is not None
    except (ValueError, KeyError, TypeError):
        aware = False
    if not aware:
        raise CopyDamaged(path, "n'est pas lisible")
    return manifest


def _lines(folder: Path) -> Iterator[tuple[str, str]]:
    for line in _read(folder / SUMS).splitlines():
        matched = _LINE.fullmatch(line)
        if matched is None:
            raise CopyDamaged(folder / SUMS, "est tronqué ou altéré")
        path = PurePosixPath(matched[2])
        if path.is_absolute() or ".." in path.parts:
            raise CopyDamaged(folder / SUMS, "nomme un fichier hors de la copie")
        yield matched[2], matched[1]


def _read(path: Path) -> str:
    if path.stat().st_size > LARGEST_LIST:
        raise CopyDamaged(path, "est trop gros")
    return path.read_text("utf-8", errors="replace")


def _files_of(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise CopyDamaged(path, "n'est pas un fichier ordinaire")
        if path.is_file():
            yield path


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _push_to_disk(folder: Path) -> None:
    for path in (*_files_of(folder), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
