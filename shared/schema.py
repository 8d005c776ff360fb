"""Creates and upgrades the tables."""

from contextlib import AbstractContextManager

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from shared.migrations.version import MIGRATIONS

NEWEST = "head"


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


def _migrating(engine: Engine) -> AbstractContextManager[Connection]:
    return engine.execution_options(writing=True).begin()
