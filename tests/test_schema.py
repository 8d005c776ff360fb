"""The tables that migrations make are those of the models, forward and back."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, select, text

import shared.models  # noqa: F401 - makes every table known
from shared import schema
from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act
from shared.database import Base, Database
from shared.journal import SYSTEM
from shared.migrations.version import MIGRATIONS, SchemaOutOfDate, known_revisions, require_up_to_date
from shared.models.accounts import Account
from shared.models.school import Establishment
from shared.models.staff import Staff
from tests.factories import (
    NOW,
    make_account,
    make_division,
    make_establishment,
    make_guardian,
    make_staff,
    make_student,
)
from tests.patience import STILL_SECONDS


def test_the_migrations_make_the_tables_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_new_installation_has_no_account_and_no_login(database: Database) -> None:
    with database.reading() as session:
        counted = {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) for table in (Account, Staff)
        }
    assert counted == {"account": 0, "staff": 0}


def test_going_back_leaves_no_table(database: Database) -> None:
    schema.downgrade(database.engine, "base")
    assert set(inspect(database.engine).get_table_names()) == {"alembic_version"}


def test_tables_with_rows_in_them_go_back_and_forth(database: Database, sealer: Sealer) -> None:
    with database.writing() as session:
        school = make_establishment(session)
        student = make_student(session, school, make_division(session, school))
        make_account(session, "m.payet", make_guardian(session, school, student), sealer=sealer)
        make_staff(session, "chef", school)
        Act(session, SYSTEM, NOW).record("login", establishment_id=school.id)
    schema.downgrade(database.engine, "base")
    schema.upgrade(database.engine)
    require_up_to_date(database.engine)
    with database.reading() as session:
        assert session.scalars(select(Establishment)).all() == []


def test_tables_of_another_version_are_refused_with_what_to_run(database: Database) -> None:
    schema.downgrade(database.engine, "base")
    with pytest.raises(SchemaOutOfDate, match="init-db"):
        require_up_to_date(database.engine)


def test_revisions_are_told_by_the_names_of_their_files_as_alembic_tells_them() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    assert known_revisions() == tuple(one.revision for one in scripts)


def read_everything(database: Database) -> Connection:
    """A transaction that holds every table as a page does that reads it, and goes on."""
    connection = database.engine.connect()
    connection.execute(text("SET LOCAL lock_timeout = '30s'"))
    for table in inspect(database.engine).get_table_names():
        connection.execute(text(f'SELECT 1 FROM "{table}" LIMIT 1'))
    return connection


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_tables_are_brought_forward_between_two_pages_and_keep_no_page_waiting(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema.downgrade(database.engine, known_revisions()[3])
    gave_way = threading.Event()
    monkeypatch.setattr(schema.time, "sleep", lambda seconds: gave_way.wait(seconds) or gave_way.set())
    long_page = read_everything(database)
    upgrading = threading.Thread(target=schema.upgrade, args=(database.engine,))
    upgrading.start()
    assert gave_way.wait(STILL_SECONDS)
    # It wants tables that the long page holds; another page, which came after it, does not wait for either.
    read_everything(database).close()
    assert upgrading.is_alive()
    long_page.close()
    upgrading.join(STILL_SECONDS)
    require_up_to_date(database.engine)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_tables_that_are_never_free_are_left_and_what_to_do_is_said(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "LONGEST_TRYING_SECONDS", 0)
    schema.downgrade(database.engine, known_revisions()[3])
    with read_everything(database), pytest.raises(schema.TablesInUse, match="relancez « teleservices init-db »"):
        schema.upgrade(database.engine)
    schema.upgrade(database.engine)
    require_up_to_date(database.engine)
