"""Creates and upgrades the tables, and tells whether they are up to date."""

from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

MIGRATIONS = Path(__file__).with_name("migrations")
NEWEST = "head"


class SchemaOutOfDate(Exception):
    """The database has no tables, or those of another version; the message says what to run."""

    def __init__(self) -> None:
        super().__init__("La base de données n'est pas à jour : lancez « teleservices init-db ».")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = NEWEST) -> None:
    """Bring the tables forward to `revision`; running it again changes nothing."""
    with _migrating(engine) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the tables back to `revision`."""
    with _migrating(engine) as connection:
        command.downgrade(_config(connection), revision)


def _migrating(engine: Engine) -> AbstractContextManager[Connection]:
    return engine.execution_options(writing=True).begin()


@cache
def _known_revisions() -> tuple[str, ...]:
    """Every revision that this version knows of, newest first."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    return tuple(one.revision for one in scripts.walk_revisions())


def serves(connection: Connection) -> bool:
    """Whether this version works on the tables as they are: its own, or those of a later one (R38).

    A process that goes on while the tables are brought forward under it serves until it is replaced.
    """
    present = MigrationContext.configure(connection).get_current_revision()
    known = _known_revisions()
    return present is not None and (present == known[0] or present not in known)


def is_up_to_date(connection: Connection) -> bool:
    """Whether the tables are just those of this version."""
    return MigrationContext.configure(connection).get_current_revision() == _known_revisions()[0]


def require_up_to_date(engine: Engine) -> None:
    """Raise `SchemaOutOfDate` unless the tables are those of this version."""
    with engine.connect() as connection:
        if not is_up_to_date(connection):
            raise SchemaOutOfDate
