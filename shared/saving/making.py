"""Making a copy: the base as it is at one instant, and its files (R38). Others go on working meanwhile."""

import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from shared.config import Settings
from shared.database import Database
from shared.migrations.version import known_revisions, revision_of
from shared.saving.copy_folder import DATABASES, FILES, FORM, Manifest, write_manifest, written_whole
from shared.saving.files import copy_files
from shared.saving.postgresql import dump
from shared.saving.refusals import DiskRefused, SavingRefused
from shared.saving.sqlite_file import copy_sqlite


def make_copy(database: Database, settings: Settings, folder: Path, now: datetime) -> int:
    """Write a copy of the installation into `folder`; returns how many bytes it takes.

    Raises:
        SavingRefused: nothing was written; the message says why.
    """
    with written_whole(folder) as written:
        files = written / FILES
        copy_files(settings.var_dir, files)
        dialect = database.engine.dialect.name
        revision = _copy_base(database, written / DATABASES[dialect])
        copy_files(settings.var_dir, files)
        write_manifest(written, Manifest(FORM, dialect, revision, now.isoformat()))
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _copy_base(database: Database, into: Path) -> str:
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            source = Path(str(database.engine.url.database))
            _require_room(into.parent, source.stat().st_size)
            try:
                return _require_known(copy_sqlite(source, into))
            except sqlite3.Error as error:
                raise DiskRefused(into.parent, str(error)) from None
        # What the program reads is what this transaction sees, whatever is written meanwhile.
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        snapshot = str(connection.scalar(text("SELECT pg_export_snapshot()")))
        revision = _require_known(revision_of(connection))
        dump(database.engine.url, into, snapshot)
    return revision


def _require_known(revision: str | None) -> str:
    if revision is None:
        raise SavingRefused("La base de données n'a pas de tables\u00a0: lancez « teleservices init-db ».")
    if revision not in known_revisions():
        raise SavingRefused(
            "La base de données est plus récente que ce logiciel\u00a0: mettez-le à jour sur cette machine."
        )
    return revision


def _require_room(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < wanted:
        sentence = f"il faut {wanted // 2**20 + 1} Mo, il en reste {free // 2**20}"
        raise DiskRefused(folder.parent, f"pas assez de place\u00a0: {sentence}")
