"""Creates and upgrades the tables."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from shared.migrations.version import MIGRATIONS, revision_of
from shared.refusals import Refusal

NEWEST = "head"
ADVISORY_LOCK = 0x7E1E5E47
"""Ours, among those that other programs may take in the same database."""
LOCK_WAIT = "300ms"
"""How long a migration waits for a table that a page or a worker is using, while it may hold another one.

Whoever wants that other one waits meanwhile: no page notices so little, and PostgreSQL, which looks for deadlocks after
a second, finds none and ends nobody's transaction but that of the migration, which is tried again.
"""
LONGEST_TRYING_SECONDS = 600.0
"""Longer than the longest import."""
PAUSE_SECONDS = 0.2
_TAKEN = {"55P03", "40P01"}
"""What PostgreSQL says of a lock that did not come in time, and of a deadlock."""


class TablesInUse(Refusal):
    """Somebody used the tables all the time; what was brought forward stays, and a second run goes on from there."""

    def __init__(self) -> None:
        super().__init__(
            "Les tables sont restées occupées pendant dix minutes (un import, une sauvegarde)\u00a0: relancez "
            "« teleservices init-db », qui reprend où il s'est arrêté."
        )


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = NEWEST) -> None:
    """Bring the tables forward to `revision`; running it again changes nothing.

    On PostgreSQL the applications go on meanwhile: each migration is a transaction of its own, which gives way to them.

    Raises:
        TablesInUse: it gave way for ten minutes.
    """
    if engine.dialect.name == "postgresql" and _has_tables(engine):
        _give_way(engine, revision)
        return
    with _migrating(engine) as connection:
        bring_forward(connection, revision)


def _has_tables(engine: Engine) -> bool:
    with engine.connect() as connection:
        return revision_of(connection) is not None


def _give_way(engine: Engine, revision: str) -> None:
    """Try until no table that a migration wants is taken; those that are done stay done."""
    deadline = time.monotonic() + LONGEST_TRYING_SECONDS
    while not _tried(engine, revision):
        if time.monotonic() > deadline:
            raise TablesInUse
        time.sleep(PAUSE_SECONDS)


def _tried(engine: Engine, revision: str) -> bool:
    """Whether every migration was made; not, where a table was taken."""
    with engine.connect() as connection:
        # Of this connection alone, which is not used again.
        connection.detach()
        connection.execute(text("SELECT set_config('lock_timeout', :wait, false)"), {"wait": LOCK_WAIT})
        connection.commit()
        config = _config(connection)
        config.attributes["each_by_itself"] = True
        try:
            command.upgrade(config, revision)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in _TAKEN:
                raise
            return False
    return True


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
