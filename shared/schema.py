"""Creates and upgrades the tables, and tells whether they are up to date."""

from contextlib import AbstractContextManager
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


def require_up_to_date(engine: Engine) -> None:
    """Raise `SchemaOutOfDate` unless the tables are those of this version."""
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
        expected = ScriptDirectory.from_config(_config(connection)).get_current_head()
    if present != expected:
        raise SchemaOutOfDate
