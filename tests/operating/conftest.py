"""What the machines share: a mail server, a Redis and a database of their own, and the files of a school."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from shared.siecle.invented import Invention, write_schools
from tests.conftest import POSTGRES, skip_or_fail
from tests.notifications.faults.redis_server import OwnRedis
from tests.operating.seed import IMPORTING
from tests.smtp import MailServer

STUDENTS = 40


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    found = shutil.which("redis-server")
    if found is None:
        skip_or_fail("no redis-server on this machine")
    server = OwnRedis(str(found), tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def empty_postgres_url() -> Iterator[str]:
    """A database without a table."""
    name = f"teleservices_operating_{uuid.uuid4().hex[:12]}"
    try:
        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    except psycopg.OperationalError as error:
        skip_or_fail(f"no PostgreSQL: {error}")
    yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """The exports of the school that imports."""
    (school,) = write_schools(tmp_path_factory.mktemp("siecle"), Invention(students=STUDENTS, uai=IMPORTING))
    return tuple(path for path in school.files if "Eleves" in path.name or "Responsables" in path.name)


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str, str], None]:
    """Print what was survived in the table at the end of the run."""
    return lambda fault, outcome: record_property("fault", (fault, outcome))
