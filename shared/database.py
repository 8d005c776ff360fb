"""The declarative base, and the sessions that the edges open."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from sqlalchemy import Connection, DateTime, Dialect, MetaData, TableClause, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session
from sqlalchemy.types import TypeDecorator

from shared.engines import AUTOCOMMIT, HASTY, WRITING, make_engines

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
        self.engine, self.writing_engine = make_engines(url)
        # PostgreSQL, as it is set here, shows each statement what is committed when it begins, in a transaction or
        # not: a page that only reads does without the two round trips of one.
        is_sqlite = self.engine.dialect.name == "sqlite"
        self._looking_engine = self.engine if is_sqlite else self.engine.execution_options(isolation_level=AUTOCOMMIT)
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
            Session(self.writing_engine, expire_on_commit=False)
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
        with Session(self.writing_engine, expire_on_commit=False) as session, session.begin():
            yield session

    def connect_hastily(self, *, by_statement: bool = False) -> Connection:
        """A connection of its own whose commits do not wait for the disk, to be closed by the caller.

        They outlive this process however it ends; after a power cut, those of the last instants may be missing, and
        the database is sound. `by_statement` is for transactions of one statement, the only ones that are whole then:
        PostgreSQL takes one round trip for it, instead of three.
        """
        if self.engine.dialect.name == "sqlite":
            connection, setting = self.engine.execution_options(**WRITING).connect(), "PRAGMA synchronous=NORMAL"
        else:
            connection = (self._looking_engine if by_statement else self.writing_engine).connect()
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
        self.writing_engine.dispose()


def hasten(session: Session) -> None:
    """Let the transaction that `session` begins now be kept without waiting for the disk; one under way is as it was.

    It outlives this process however it ends, and the next transaction that waits writes it to the disk as well: only
    what a power cut between the two may take away is kept so.
    """
    if session.in_transaction():
        return
    connection = session.connection(execution_options={HASTY: True})
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


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
