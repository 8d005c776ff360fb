"""The folder of the printing service: a lot is two files, and there once its manifest is (docs/exploitation.md).

The PDF comes first and the manifest last, each under a name that begins with a dot until all of it is on the disk.
The service takes a lot when it sees its manifest, takes the same name once, and removes nothing: we do.
"""

import csv
import hashlib
import io
import os
import secrets
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

RECEIPTS, SET_ASIDE = "recus", "ecartes"
_HEADER = ("lot", "pdf_sha256", "reference", "premiere_page", "pages", "destinataires")
_READABLE = 0o640
"""By the group of the folder alone: there are initial passwords inside."""


def new_name(day: date) -> str:
    """What both files of a lot are called, without what they end with: `lot-20260901-1a2b3c4d`."""
    return f"lot-{day:%Y%m%d}-{secrets.token_hex(4)}"


def manifest_of(name: str, pdf: bytes, copies: Iterable[Sequence[object]]) -> bytes:
    """One line a letter: its reference, where it begins, how long it is. No name, no address: they are on the letter.

    `copies` are references, first pages and numbers of pages. The same lot has the same manifest, whenever it is made.
    """
    written, digest = io.StringIO(), hashlib.sha256(pdf).hexdigest()
    rows = csv.writer(written, delimiter=";", lineterminator="\n")
    rows.writerow(_HEADER)
    rows.writerows((name, digest, *copy, 1) for copy in copies)
    return written.getvalue().encode()


def is_there(folder: Path, name: str) -> bool:
    """Whether a lot may have been taken: its manifest is in the folder."""
    return (folder / f"{name}.csv").exists()


def put(folder: Path, name: str, pdf: bytes, manifest: bytes) -> None:
    """Write a lot; the last thing done makes it one.

    Raises:
        OSError: the folder does not take it; nothing is there that the service would take.
    """
    _write(folder / f"{name}.pdf", pdf)
    _write(folder / f"{name}.csv", manifest)


def take_out(folder: Path, name: str) -> None:
    """Remove both files, the manifest first: what is left of a lot is none."""
    for ending in ("csv", "pdf"):
        (folder / f"{name}.{ending}").unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    partial.touch(_READABLE)
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
