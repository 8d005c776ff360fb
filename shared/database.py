"""The declarative base, the engine, and the sessions that the edges open.

SQLite and PostgreSQL behave alike here: a transaction that writes takes its lock when it begins, so that it never
fails half-way because another one wrote in between.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    TableClause,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session
from sqlalchemy.types import TypeDecorator

from shared.private_files import create_private
from shared.refusals import Refusal

LOCK_WAIT_SECONDS = 30
CONNECTIONS_KEPT = 10
"""Of one process, on PostgreSQL: more than its threads, which would open another for each request beyond these."""

ENCODING = "UTF8"
CONNECTING = {
    "client_encoding": "utf8",
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,
}
"""In seconds, and how many: the system asks PostgreSQL whether it is there, so that no page has to.

The last one is in milliseconds: what was sent to a network that is cut is not repeated for a quarter of an hour.
"""


class WrongEncoding(Refusal):
    """The database keeps text in a way in which not every name can be written; the message says what to do."""

    def __init__(self, encoding: str) -> None:
        super().__init__(
            f"La base de données est en {encoding}, où tous les noms ne s'écrivent pas\u00a0: faites-en une en UTF-8 "
            "(createdb --owner=teleservices --encoding=UTF8 --locale=C.UTF-8 --template=template0 NOM), et nommez-la "
            "dans DATABASE_URL."
        )


NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of the directory."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, kept in UTC by the database, whichever it is."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses a naive datetime: nobody could tell which instant it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The instant, aware, in UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


def make_engine(url: str) -> Engine:
    """An engine with foreign keys enforced and waits bounded, whose errors do not show the values of rows."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(parsed, connect_args=CONNECTING, pool_size=CONNECTIONS_KEPT, hide_parameters=True)
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "checkout", _leave_what_was_cut)
        return engine
    if parsed.database and parsed.database != ":memory:":
        # Hashes and sealed passwords are nobody else's to read on a shared machine.
        create_private(Path(parsed.database))
    engine = create_engine(parsed, connect_args={"timeout": LOCK_WAIT_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_postgresql(connection: Any, _record: object) -> None:  # noqa: ANN401 - of either driver
    # PostgreSQL tells it as it lets in. Through what hides that, the first name that does not fit is refused.
    if (encoding := connection.info.parameter_status("server_encoding")) not in {None, ENCODING}:
        raise WrongEncoding(encoding)
    # By default the planner takes every disk for one that turns, and rather reads the accounts of the whole académie
    # than looks up those of a school; what a school works with is in memory.
    with connection.cursor() as cursor:
        cursor.execute("SET random_page_cost = 1.1")
        # Nor does PostgreSQL by itself notice, for two hours, that the machine of a client is gone: what that one was
        # in the middle of would keep the others from the same rows.
        # It lets go later than we do: of a connection that it alone knows to be over, a page would still ask something.
        cursor.execute("SET tcp_keepalives_idle = 30")
        cursor.execute("SET tcp_keepalives_interval = 10")
        cursor.execute("SET tcp_keepalives_count = 3")
    connection.commit()


def _leave_what_was_cut(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401 - of either driver
    # PostgreSQL says nothing on a connection at rest but that it ends it. To look for that costs no round trip, which
    # asking would, for each page.
    if not connection.closed:
        said = select.poll()
        said.register(connection.fileno(), select.POLLIN)
        if not said.poll(0):
            return
    raise DisconnectionError


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - of either driver
    # The driver must not open transactions by itself: `_begin_sqlite` chooses the kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


class NoSessionOpen(RuntimeError):
    """Code asked for the session of the current request outside one: a programming error."""


class WroteWhileReading(RuntimeError):
    """A page that only reads wrote: a programming error. On PostgreSQL each of its statements would be kept."""


class _ReadingSession(Session):
    """Of a page that only reads."""


@event.listens_for(_ReadingSession, "do_orm_execute")
def _refuse_to_write(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        raise WroteWhileReading


@event.listens_for(_ReadingSession, "before_flush")
def _refuse_to_flush(session: Session, *_: object) -> None:
    if session.new or session.deleted or any(session.is_modified(each) for each in session.dirty):
        raise WroteWhileReading


class Database:
    """One database, and the session of the current request or job.

    An application opens a session when a request begins and closes it when it ends; views read `session`.
    Jobs and commands use `reading` and `writing`.
    """

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._writing_engine = self.engine.execution_options(writing=True)
        # PostgreSQL, as it is set here, shows each statement what is committed when it begins, in a transaction or
        # not: a page that only reads does without the two round trips of one.
        is_sqlite = self.engine.dialect.name == "sqlite"
        self._looking_engine = self.engine if is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._current: ContextVar[Session | None] = ContextVar("session", default=None)

    @property
    def session(self) -> Session:
        """The session of the current request.

        Raises:
            NoSessionOpen: there is none.
        """
        session = self._current.get()
        if session is None:
            raise NoSessionOpen
        return session

    def open(self, *, writing: bool) -> Session:
        """Open the session of the current request; a writing one takes SQLite's write lock with its first query."""
        self.close()
        session = (
            Session(self._writing_engine, expire_on_commit=False)
            if writing
            else _ReadingSession(self._looking_engine, expire_on_commit=False)
        )
        self._current.set(session)
        return session

    def close(self) -> None:
        """End the session of the current request; what was not committed is undone."""
        session = self._current.get()
        if session is not None:
            session.close()
            self._current.set(None)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for whatever only reads, in one transaction: what is read page by page needs one."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session for a job or a command: committed when the block ends, undone when it raises."""
        with Session(self._writing_engine, expire_on_commit=False) as session, session.begin():
            yield session

    def connect_hastily(self, *, by_statement: bool = False) -> Connection:
        """A connection of its own whose commits do not wait for the disk, to be closed by the caller.

        They outlive this process however it ends; after a power cut, those of the last instants may be missing, and
        the database is sound. `by_statement` is for transactions of one statement, the only ones that are whole then:
        PostgreSQL takes one round trip for it, instead of three.
        """
        if self.engine.dialect.name == "sqlite":
            connection, setting = self._writing_engine.connect(), "PRAGMA synchronous=NORMAL"
        else:
            connection = (self._looking_engine if by_statement else self._writing_engine).connect()
            setting = "SET synchronous_commit TO off"
        cursor = connection.connection.cursor()
        cursor.execute(setting)
        cursor.close()
        connection.connection.commit()
        connection.detach()
        return connection

    def dispose(self) -> None:
        """Close every pooled connection, as a process must after it forked."""
        self.engine.dispose()


def insert_or(session: Session, table: type[Base] | TableClause) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what to do when the row is there: both databases have it, each in its own dialect."""
    return insert_on(session.get_bind().dialect.name, table)


def insert_on(dialect: str, table: type[Base] | TableClause) -> postgresql.Insert | sqlite.Insert:
    """The same, for a statement written once for each database."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def refresh_statistics(session: Session, *tables: type[Base]) -> None:
    """Let the database look again at tables that changed a lot, so that the next questions read the right indexes."""
    for table in tables:
        session.execute(text(f"ANALYZE {table.__tablename__}"))


def count_first_rows(session: Session, *tables: type[Base]) -> None:
    """`refresh_statistics` of those tables that PostgreSQL last knew empty.

    It would go on reading them as it reads an empty table, and check each foreign key so: with thousands of rows that
    takes longer than all the rest. SQLite does not need it.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    known_empty = text("SELECT relname FROM pg_class WHERE oid = CAST(:name AS regclass) AND reltuples <= 0")
    refresh_statistics(session, *(each for each in tables if session.scalar(known_empty, {"name": each.__tablename__})))
