"""Creates and upgrades the tables."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from shared.migrations.version import MIGRATIONS

NEWEST = "head"
ADVISORY_LOCK = 0x7E1E5E47
"""Ours, among those that other programs may take in the same database."""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = NEWEST) -> None:
    """Bring the tables forward to `revision`; running it again changes nothing."""
    with _migrating(engine) as connection:
        bring_forward(connection, revision)


def bring_forward(connection: Connection, revision: str = NEWEST) -> None:
    """The same within the transaction of the caller."""
    command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the tables back to `revision`."""
    with _migrating(engine) as connection:
        command.downgrade(_config(connection), revision)


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Let nobody else change the tables meanwhile: who comes second waits, and finds the work done.

    PostgreSQL has a lock for that; beside a file of SQLite it is one of its folder, which leaves nothing behind and is
    let go however the process ends.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": ADVISORY_LOCK})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": ADVISORY_LOCK})
        return
    folder = os.open(Path(engine.url.database or ".").absolute().parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _migrating(engine: Engine) -> AbstractContextManager[Connection]:
    return engine.execution_options(writing=True).begin()
