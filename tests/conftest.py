"""Real databases, real settings: what every test builds on."""

import base64
import os
import shutil
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
import redis
from hypothesis import settings as hypothesis_settings
from sqlalchemy import make_url
from sqlalchemy.orm import Session

import shared.models  # noqa: F401 - makes every table known
import tests.journal_words  # noqa: F401 - looks at every event that is recorded
from shared import schema
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Base, Database
from tests.notifications.faults.table import pytest_terminal_summary  # noqa: F401 - found here by pytest
from tests.turns import of_other_database, of_other_shares

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
SERVER_SECONDS = 60
"""A server that is busy is there: only one that refuses, or says nothing for so long, is missing."""
IN_CI = os.environ.get("CI") == "true"


# Timing never decides a test.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests whose turn is on the other database, where there are two, or after another commit."""
    others = set(of_other_database(items) if _postgres_answers() else [])
    kept = [item for item in items if item not in others]
    others |= set(of_other_shares(kept, config.args))
    config.hook.pytest_deselected(items=[item for item in items if item in others])
    items[:] = [item for item in items if item not in others]


def skip_or_fail(reason: str) -> None:
    """A missing server is a reason to skip on somebody's laptop, and a failure in CI."""
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)


def _on_postgres(statement: str) -> None:
    with psycopg.connect(POSTGRES, autocommit=True, connect_timeout=SERVER_SECONDS) as connection:
        connection.execute(statement)


def _postgres_answers() -> bool:
    try:
        _on_postgres("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with empty tables, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database.engine)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The name of a PostgreSQL database with empty tables, copied for each test."""
    name = f"teleservices_test_{uuid.uuid4().hex[:12]}"
    try:
        _on_postgres(f"CREATE DATABASE {name} TEMPLATE template0")
    except psycopg.OperationalError as error:
        skip_or_fail(f"no PostgreSQL at {make_url(POSTGRES).host}: {error}")
    database = Database(_postgres_url(name))
    schema.upgrade(database.engine)
    database.dispose()
    yield name
    _on_postgres(f"DROP DATABASE {name} WITH (FORCE)")


def _postgres_url(name: str) -> str:
    return make_url(POSTGRES).set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def sqlite_address(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tests of this process find the file of the one that runs: with one address, they share an engine."""
    return tmp_path_factory.mktemp("used") / "test.db"


@pytest.fixture
def sqlite_url(sqlite_template: Path, sqlite_address: Path, tmp_path: Path) -> str:
    path = tmp_path / "test.db"
    shutil.copy(sqlite_template, path)
    sqlite_address.unlink(missing_ok=True)
    sqlite_address.symlink_to(path)
    return f"sqlite:///{sqlite_address}"


@pytest.fixture(scope="session")
def postgres_database(postgres_template: str) -> Iterator[str]:
    """The name of the database that the tests of this process use one after the other."""
    name = f"{postgres_template}_used"
    _copy(postgres_template, name)
    yield name
    _on_postgres(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_template: str, postgres_database: str) -> Iterator[str]:
    yield _postgres_url(postgres_database)
    try:
        _empty(postgres_database)
    except psycopg.Error:
        # The test took the tables away, or left something that holds them.
        _copy(postgres_template, postgres_database)


def _copy(template: str, name: str) -> None:
    _on_postgres(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    _on_postgres(f"CREATE DATABASE {name} TEMPLATE {template}")
    # No test takes the power away: its commits need not wait for the disk.
    _on_postgres(f"ALTER DATABASE {name} SET synchronous_commit = off")


def _empty(name: str) -> None:
    """Delete every row: ten times faster than another copy."""
    emptied = "; ".join(f'DELETE FROM "{table}"' for table in Base.metadata.tables)
    with psycopg.connect(make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)) as connection:
        # Neither the order of foreign keys nor the append-only journal stands in the way of this session.
        connection.execute("SET session_replication_role = replica; SET lock_timeout = '3s'")
        connection.execute(emptied)
        # A transaction that a test left open would keep a later one from taking the tables away.
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state = 'idle in transaction'"
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Empty tables, on each database in turn."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lasting_database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Empty tables, on each database in turn, for all the tests of a module one after the other."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("lasting") / "test.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        template = str(request.getfixturevalue("postgres_template"))
        name = f"{template}_lasting"
        _copy(template, name)
        yield _postgres_url(name)
        _on_postgres(f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _database(url: str) -> Database:
    # Kept: its engine knows the statements that it compiled for the tests before.
    return Database(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = _database(database_url)
    yield database
    database.close()
    database.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session; the test flushes or commits as an edge would."""
    with database.writing() as session:
        yield session


@pytest.fixture(scope="session")
def redis_url() -> str:
    try:
        redis.Redis.from_url(REDIS, socket_connect_timeout=SERVER_SECONDS).ping()
    except redis.RedisError as error:
        skip_or_fail(f"no Redis: {error}")
    return REDIS


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of an installation of its own, with strong secrets."""
    return Settings(
        var_dir=tmp_path / "var",
        database_url=database_url,
        secret_key="zT9-test-only-key-1c0e5f7a8b2d4c6e",
        security_contact="securite@example.org",
        initial_password_key=base64.urlsafe_b64encode(b"0123456789abcdef0123456789abcdef").decode(),
    )


@pytest.fixture
def sealer(settings: Settings) -> Sealer:
    return Sealer(settings.initial_password_keys)
