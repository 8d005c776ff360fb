"""Where uploaded files wait for their import: one folder for each upload, under `VAR_DIR/imports`, until its end."""

import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models.imports.uploads import ImportState, SchoolImport
from shared.siecle.files.opening import CHUNK_BYTES
from shared.siecle.report import ImportRefused, quoted

UPLOADED_BYTES = 200 * 1024**2
"""For all the files of one upload; the exports of a big school weigh a tenth of it, zipped or not."""
FILES_IN_UPLOAD = 20
NAME_LENGTH = 100
NAME_BYTES = 200
"""Systems take 255; an accented letter, or one of another writing, takes several."""
ORPHAN_AFTER = timedelta(days=1)

ENDED = (ImportState.DONE, ImportState.REFUSED, ImportState.ABANDONED)

_UNSAFE = re.compile(r"[^\w.()-]+")


@dataclass(frozen=True)
class UploadedFile:
    """One file of a form: the name that the browser gives it, and its bytes."""

    name: str
    stream: IO[bytes]


def store(var_dir: Path, files: Sequence[UploadedFile]) -> tuple[str, list[str]]:
    """Write the files of one upload; returns the name of their folder, and their names made safe.

    Raises:
        ImportRefused: no file, too many, or too big; nothing is left on the disk.
    """
    chosen = [file for file in files if file.name]
    if not chosen:
        raise ImportRefused(
            "Aucun fichier n'a été choisi\u00a0: choisissez les fichiers exportés de SIECLE (xml ou zip)."
        )
    if len(chosen) > FILES_IN_UPLOAD:
        raise ImportRefused(f"Trop de fichiers à la fois\u00a0: {FILES_IN_UPLOAD} au plus.")
    folder = secrets.token_hex(16)
    names = [_safe_name(file.name) for file in chosen]
    room = UPLOADED_BYTES
    try:
        for number, (file, name) in enumerate(zip(chosen, names, strict=True)):
            room -= _write(_path(var_dir, folder, number, name), file, room)
    except BaseException:
        remove(var_dir, folder)
        raise
    return folder, names


def _safe_name(name: str) -> str:
    """The name without its folders and without signs that a system, a page or a reader could take for others."""
    last = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    kept = _UNSAFE.sub("_", last).encode()[-NAME_BYTES:].decode(errors="ignore")
    # Hidden files and relative folders begin with a point, also once the beginning was cut off.
    return kept[-NAME_LENGTH:].lstrip(".") or "fichier"


def _write(path: Path, file: UploadedFile, room: int) -> int:
    """Copy the file, and return its size."""
    # Families' addresses are in there: nobody else on the machine may read them.
    path.parent.mkdir(parents=True, mode=0o700)
    path.parent.parent.chmod(0o700)
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
        while chunk := file.stream.read(CHUNK_BYTES):
            size += len(chunk)
            if size > room:
                raise ImportRefused(
                    f"Le fichier {quoted(path.name)} est trop gros\u00a0: "
                    f"{UPLOADED_BYTES // 1024**2} Mo au plus pour tous les fichiers."
                )
            copy.write(chunk)
    return size


def _path(var_dir: Path, folder: str, number: int, name: str) -> Path:
    # Two files may have one name: each has its own folder, so that messages show names as staff know them.
    return var_dir / "imports" / folder / str(number) / name


def paths_of(var_dir: Path, upload: SchoolImport) -> list[Path]:
    """The stored files of `upload`."""
    return [_path(var_dir, upload.folder, number, name) for number, name in enumerate(upload.file_names)]


def remove(var_dir: Path, folder: str) -> None:
    """Delete the files of one upload; doing it again changes nothing."""
    shutil.rmtree(var_dir / "imports" / folder, ignore_errors=True)


def remove_leftovers(session: Session, var_dir: Path, now: datetime) -> int:
    """Delete the folders of uploads that ended, and of those that never came to be; returns how many.

    For a daily job: they are what a crash between a commit and the removal of the files leaves.
    """
    folders = {folder.name: folder for folder in (var_dir / "imports").glob("*") if folder.is_dir()}
    known = dict(
        session.execute(select(SchoolImport.folder, SchoolImport.state).where(SchoolImport.folder.in_(folders))).all()
    )
    doomed = [
        name
        for name, folder in folders.items()
        if known.get(name) in ENDED or (name not in known and _is_old(folder, now))
    ]
    for name in doomed:
        remove(var_dir, name)
    return len(doomed)


def _is_old(folder: Path, now: datetime) -> bool:
    return folder.stat().st_mtime < (now - ORPHAN_AFTER).timestamp()
