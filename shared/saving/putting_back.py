"""Putting a copy back on a machine whose base is empty: whole, or not at all (R38)."""

import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, column, insert, inspect, table
from sqlalchemy.orm import Session

from shared import schema
from shared.config import Settings
from shared.database import Database
from shared.migrations.version import known_revisions
from shared.private_files import SIDE_FILES, create_private
from shared.refusals import reason_of
from shared.saving.aftermath import Given, hold_everything
from shared.saving.copy_folder import DATABASES, FILES, Manifest, read_manifest
from shared.saving.files import copy_files, put_back, require_no_files
from shared.saving.postgresql import list_of_contents, restore
from shared.saving.refusals import DiskRefused, SavingRefused
from shared.saving.sqlite_file import require_sound

KINDS = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
_VERSION = table("alembic_version", column("version_num"))


def put_copy_back(settings: Settings, folder: Path, given: Given, now: datetime) -> Manifest:
    """Fill the empty database of `settings`, and `VAR_DIR`, with the copy in `folder`; returns what the copy was.

    Tables of an earlier version are brought forward. What waited is held.

    Raises:
        SavingRefused: nothing was changed; the message says why.
    """
    try:
        manifest = read_manifest(folder)
        _require_understood(manifest, folder, settings)
        require_no_files(settings.var_dir)
        with _staged(folder, settings.var_dir) as staged:
            _put_base_back(settings, folder / DATABASES[manifest.dialect], manifest, given, now, staged)
            put_back(staged, settings.var_dir)
    except OSError as error:
        raise DiskRefused(Path(error.filename or settings.var_dir), reason_of(error)) from None
    return manifest


def _require_understood(manifest: Manifest, folder: Path, settings: Settings) -> None:
    if manifest.revision not in known_revisions():
        raise SavingRefused(
            f"{folder} vient d'une version plus récente de ce logiciel (tables {manifest.revision}, celles d'ici "
            f"{known_revisions()[0]})\u00a0: mettez-le à jour. Rien n'a changé."
        )
    here = "sqlite" if settings.database.startswith("sqlite") else "postgresql"
    if manifest.dialect != here:
        raise SavingRefused(
            f"{folder} est une copie de {KINDS[manifest.dialect]}, et DATABASE_URL dit {KINDS[here]}\u00a0: "
            f"donnez une base {KINDS[manifest.dialect]} vide. Rien n'a changé."
        )


@contextmanager
def _staged(folder: Path, var_dir: Path) -> Iterator[Path]:
    """The files of the copy, and room for a database, beside their places; removed at the end whatever happens."""
    var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if (free := shutil.disk_usage(var_dir).free) < wanted:
        sentence = f"il faut {wanted // 2**20 + 1} Mo, il en reste {free // 2**20}"
        raise DiskRefused(var_dir, f"pas assez de place\u00a0: {sentence}")
    staged = var_dir / f".restauration.{secrets.token_hex(4)}"
    staged.mkdir(mode=0o700)
    try:
        copy_files(folder / FILES, staged)
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _put_base_back(
    settings: Settings, copied: Path, manifest: Manifest, given: Given, now: datetime, staged: Path
) -> None:
    if manifest.dialect == "sqlite":
        _put_sqlite_back(Path(str(Database(settings.database).engine.url.database)), copied, manifest, given, now)
        return
    engine = Database(settings.database).engine
    _require_empty(engine)
    # The version comes last, with what is held: until then, no process of ours works on these tables.
    contents = staged / "contents"
    kept = [
        line
        for line in list_of_contents(copied).splitlines()
        if " TABLE DATA " not in line or " alembic_version " not in line
    ]
    contents.write_text("\n".join(kept) + "\n", "utf-8")
    restore(engine.url, copied, contents)
    with engine.begin() as connection:
        connection.execute(insert(_VERSION).values(version_num=manifest.revision))
        _make_ready(connection, manifest, given, now)
    engine.dispose()


def _put_sqlite_back(target: Path, copied: Path, manifest: Manifest, given: Given, now: datetime) -> None:
    _require_empty(Database(f"sqlite:///{target}").engine)
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        create_private(beside)
        shutil.copyfile(copied, beside)
        require_sound(beside)
        database = Database(f"sqlite:///{beside}")
        with database.writing_engine.begin() as connection:
            _make_ready(connection, manifest, given, now)
        database.dispose()
        with sqlite3.connect(beside) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file.close()
        for side in SIDE_FILES[1:]:
            target.with_name(target.name + side).unlink(missing_ok=True)
        beside.rename(target)
    finally:
        for side in SIDE_FILES:
            beside.with_name(beside.name + side).unlink(missing_ok=True)


def _make_ready(connection: Connection, manifest: Manifest, given: Given, now: datetime) -> None:
    schema.bring_forward(connection)
    with Session(connection, join_transaction_mode="rollback_only") as session:
        hold_everything(session, given, now, manifest.instant)
        session.flush()
        session.commit()


def _require_empty(engine: Engine) -> None:
    with engine.connect() as connection:
        found = inspect(connection).get_table_names()
    engine.dispose()
    if found:
        where = engine.url.render_as_string(hide_password=True)
        raise SavingRefused(
            f"La base {where} n'est pas vide ({len(found)} tables)\u00a0: une copie ne se restaure que dans une "
            "base neuve. Rien n'a changé."
        )
