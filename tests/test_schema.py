"""The tables that migrations make are those of the models, forward and back."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

import shared.models  # noqa: F401 - makes every table known
from shared import schema
from shared.database import Base, Database


def test_the_migrations_make_the_tables_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_going_back_leaves_no_table(database: Database) -> None:
    schema.downgrade(database.engine, "base")
    assert set(inspect(database.engine).get_table_names()) == {"alembic_version"}
