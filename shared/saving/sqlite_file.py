"""SQLite is copied by its own means, while others write: one file, which says by itself whether it is sound."""

import sqlite3
from contextlib import closing
from pathlib import Path

from shared.private_files import create_private
from shared.saving.refusals import CopyDamaged

SOUND = [("ok",)]


def copy_sqlite(source: Path, into: Path) -> str | None:
    """Copy the database as it is at one instant, into a file of its owner's; returns the version of its tables, if any.

    Raises:
        CopyDamaged: the copy is not sound: the disk of the database loses what is written.
        sqlite3.Error: the database cannot be read, or the disk is full.
    """
    create_private(into)
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(into)) as copy:
        original.backup(copy)
        # One file, which can be carried away.
        copy.execute("PRAGMA journal_mode=DELETE")
        _require_sound(copy, source)
        if not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchall():
            return None
        found = copy.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if found is None else str(found[0])


def require_sound(path: Path) -> None:
    """Go on only with a file that SQLite can read to its end.

    Raises:
        CopyDamaged: it cannot.
    """
    with closing(sqlite3.connect(path)) as connection:
        try:
            _require_sound(connection, path)
        except sqlite3.DatabaseError:
            raise CopyDamaged(path, "n'est pas une base de SQLite") from None


def _require_sound(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA quick_check(1)").fetchall() != SOUND:
        raise CopyDamaged(path, "n'est plus une base saine")
