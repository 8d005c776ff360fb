"""The sessions that the edges open."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Executable, delete, event, insert, select, text, update
from sqlalchemy.exc import OperationalError

from shared import engines
from shared.database import Database, WroteWhileReading, count_first_rows, hasten
from shared.engines import OneWriter, WrongEncoding
from shared.models.school import Establishment
from tests.factories import make_establishment
from tests.patience import wait_until
from tests.ports import free_port


@pytest.mark.parametrize(
    "writing",
    [
        insert(Establishment).values(uai="9740002B", name="Collège"),
        update(Establishment).values(name="Autre"),
        delete(Establishment),
    ],
)
def test_a_page_that_only_reads_cannot_run_what_writes(database: Database, writing: Executable) -> None:
    with database.writing() as session:
        make_establishment(session)
    page = database.open(writing=False)
    before = page.scalars(select(Establishment.name)).all()
    with pytest.raises(WroteWhileReading):
        page.execute(writing)
    database.close()
    with database.reading() as session:
        assert session.scalars(select(Establishment.name)).all() == before


def test_a_page_that_only_reads_cannot_keep_what_it_changed(database: Database) -> None:
    with database.writing() as session:
        make_establishment(session)
    page = database.open(writing=False)
    school = page.scalars(select(Establishment)).one()
    name = school.name
    school.name = "Autre"
    with pytest.raises(WroteWhileReading):
        page.flush()
    database.close()
    with database.reading() as session:
        assert session.scalars(select(Establishment.name)).all() == [name]


def test_one_transaction_does_not_wait_for_the_disk_and_the_next_one_does(database: Database) -> None:
    on_postgresql = database.engine.dialect.name == "postgresql"
    asked, waits = (text("SHOW synchronous_commit"), "on") if on_postgresql else (text("PRAGMA synchronous"), 2)
    page = database.open(writing=True)
    if on_postgresql:
        # Those of the tests do not wait.
        page.execute(text("SET synchronous_commit TO on"))
        page.commit()
    hasten(page)
    make_establishment(page)
    assert page.scalar(asked) != waits
    page.commit()
    assert page.scalar(asked) == waits
    # It did something that may not be lost: it is as it was.
    hasten(page)
    assert page.scalar(asked) == waits
    database.close()
    with database.reading() as session:
        assert session.scalar(asked) == waits
        assert session.scalars(select(Establishment)).one()


@pytest.mark.runs_on("postgresql")
def test_postgresql_counts_the_rows_of_a_table_that_it_knew_empty_and_of_no_other(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite keeps no count of rows")
    known = text("SELECT reltuples FROM pg_class WHERE oid = CAST('establishment' AS regclass)")
    with database.writing() as session:
        make_establishment(session)
        assert session.scalar(known) <= 0
        count_first_rows(session, Establishment)
        assert session.scalar(known) == 1
        make_establishment(session, "9740002B")
        count_first_rows(session, Establishment)
        assert session.scalar(known) == 1


@pytest.mark.runs_on("postgresql")
def test_a_page_is_answered_after_postgresql_cut_every_connection_at_rest(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite keeps no connection to a server")
    for writing in (False, True):
        assert database.open(writing=writing).scalar(text("SELECT 1")) == 1
    database.close()
    other = Database(database.engine.url.render_as_string(hide_password=False))
    cut = text(
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with other.writing() as session:
        assert session.scalar(cut)
    other.dispose()
    for writing in (False, True):
        assert database.open(writing=writing).scalar(text("SELECT 1")) == 1
    database.close()


@pytest.mark.runs_on("postgresql")
def test_a_page_that_only_reads_keeps_no_transaction_open(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite reads in transactions, which cost no round trip")
    page = database.open(writing=False)
    page.scalars(select(Establishment)).all()
    driver = page.connection().connection.dbapi_connection
    assert driver is not None
    assert driver.info.transaction_status.name == "IDLE"
    database.close()
    with database.writing() as session:
        session.execute(select(Establishment))
        driver = session.connection().connection.dbapi_connection
        assert driver is not None
        assert driver.info.transaction_status.name == "INTRANS"


@pytest.mark.runs_on("postgresql")
def test_of_two_servers_the_one_that_answers_and_writes_is_asked(database: Database) -> None:
    """As docs/exploitation.md names both in one address."""
    url = database.engine.url
    if url.get_backend_name() != "postgresql":
        pytest.skip("SQLite has no servers")
    both = {"host": f"{url.host},{url.host}", "port": f"{free_port()},{url.port}", "target_session_attrs": "read-write"}
    address = url.set(host=None, port=None, query=both).render_as_string(hide_password=False)
    either = Database(address)
    with either.reading() as session:
        assert session.scalar(text("SELECT current_database()")) == url.database
    either.dispose()


@pytest.fixture
def in_latin1(database: Database) -> Iterator[str]:
    """The address of a base in which not every name can be written."""
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite keeps every name")
    name = f"teleservices_latin1_{secrets.token_hex(4)}"
    server = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"))
    yield database.engine.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def test_a_base_in_which_not_every_name_can_be_written_is_refused(in_latin1: str) -> None:
    made = Database(in_latin1)
    with pytest.raises(WrongEncoding, match=r"est en LATIN1.*--encoding=UTF8"):
        made.engine.connect()
    made.dispose()


WRITERS = 8


def test_those_who_write_at_the_same_time_go_in_the_order_of_their_coming(tmp_path: Path) -> None:
    """Even before whoever has just written and writes again."""
    database = Database(f"sqlite:///{tmp_path}/base.sqlite")
    pool = database.writing_engine.pool
    assert isinstance(pool, OneWriter)

    def write(number: int) -> None:
        with database.writing() as session:
            session.execute(text("INSERT INTO written VALUES (:number)"), {"number": number})

    with ThreadPoolExecutor(WRITERS) as others:
        with database.writing() as session:
            session.execute(text("CREATE TABLE written (number INTEGER)"))
            asked = []
            for number in range(WRITERS):
                asked.append(others.submit(write, number))
                wait_until(lambda: pool.turns.waiting == number + 1, "it waits for its turn")  # noqa: B023
        write(WRITERS)
        for one in asked:
            one.result()
    with database.reading() as session:
        written = session.scalars(text("SELECT number FROM written ORDER BY rowid")).all()
    assert written == list(range(WRITERS + 1))
    database.dispose()


def test_who_waits_to_write_goes_on_when_another_could_not_reach_the_base(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/base.sqlite")
    failing = [OSError("no more files")]

    @event.listens_for(database.writing_engine, "do_connect")
    def _fail_once(*_: object) -> None:
        if failing:
            raise failing.pop()

    with pytest.raises(OSError, match="no more files"), database.writing() as session:
        session.execute(text("SELECT 1"))
    with database.writing() as session:
        assert session.scalar(text("SELECT 1")) == 1
    database.dispose()


def test_who_waits_too_long_for_another_of_the_process_hears_what_sqlite_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "LOCK_WAIT_SECONDS", 0.1)
    database = Database(f"sqlite:///{tmp_path}/base.sqlite")

    def write() -> None:
        with database.writing() as session:
            session.execute(text("CREATE TABLE later (number INTEGER)"))

    with ThreadPoolExecutor(1) as another:
        with database.writing() as session:
            session.execute(text("CREATE TABLE written (number INTEGER)"))
            with pytest.raises(OperationalError, match="database is locked"):
                another.submit(write).result()
        another.submit(write).result()
    database.dispose()


def test_a_base_in_memory_reads_what_it_wrote() -> None:
    database = Database("sqlite://")
    with database.writing() as session:
        session.execute(text("CREATE TABLE written (number INTEGER)"))
    with database.reading() as session:
        assert session.execute(text("SELECT number FROM written")).all() == []
