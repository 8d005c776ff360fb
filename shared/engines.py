"""The connections to a database: SQLite and PostgreSQL are set so that they behave alike.

A transaction that writes takes its lock when it begins, so that it never fails half-way because another one wrote in
between.
"""

import select
import sqlite3
import threading
from collections import deque
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, exc, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from shared.private_files import create_private
from shared.refusals import Refusal

WRITING = {"writing": True}
"""The options of an engine whose transactions take SQLite's lock when they begin."""

HASTY = "hasty"
"""The option of a transaction that is kept without waiting for the disk."""

AUTOCOMMIT = "AUTOCOMMIT"
"""How a page that only reads asks PostgreSQL: SQLite is not asked so."""
PLANS_ONCE = "plans_once"
"""Of a connection on which PostgreSQL plans once."""

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
    "prepare_threshold": 2,
}
"""In seconds, and how many: the system asks PostgreSQL whether it is there, so that no page has to.

`tcp_user_timeout` is in milliseconds: what was sent to a network that is cut is not repeated for a quarter of an hour.
A statement is kept ready by the database from the third time on that one connection asks it.
"""


class WrongEncoding(Refusal):
    """The database keeps text in a way in which not every name can be written; the message says what to do."""

    def __init__(self, encoding: str) -> None:
        super().__init__(
            f"La base de données est en {encoding}, où tous les noms ne s'écrivent pas\u00a0: faites-en une en UTF-8 "
            "(createdb --owner=teleservices --encoding=UTF8 --locale=C.UTF-8 --template=template0 NOM), et nommez-la "
            "dans DATABASE_URL."
        )


def make_engines(url: str) -> tuple[Engine, Engine]:
    """The engine that reads and the one that writes, with foreign keys enforced and waits bounded.

    Their errors do not show the values of rows.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engines(parsed)
    # The connection given back last is taken first: it is the one that keeps most statements ready.
    engine = create_engine(
        parsed, connect_args=CONNECTING, pool_size=CONNECTIONS_KEPT, pool_use_lifo=True, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare_postgresql)
    event.listen(engine, "reset", _plan_for_values)
    event.listen(engine, "checkout", _leave_what_was_cut)
    return engine, engine.execution_options(**WRITING)


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
    raise exc.DisconnectionError


def plan_once(connection: Connection) -> None:
    """Until a page that only reads gives `connection` back, PostgreSQL plans what it keeps ready once for all values.

    For texts that were written to be planned so: it would otherwise plan some of them each time, which takes longer
    than to answer them. To say so takes two round trips: whoever writes asks less than that would save.
    """
    is_reading = connection.get_execution_options().get("isolation_level") == AUTOCOMMIT
    if is_reading and not connection.info.get(PLANS_ONCE):
        connection.exec_driver_sql("SET plan_cache_mode = force_generic_plan")
        connection.info[PLANS_ONCE] = True


def _plan_for_values(connection: Any, record: Any, _state: object) -> None:  # noqa: ANN401 - of either driver
    # Still in no transaction; where it was cut meanwhile, the pool drops it, and the page has had its answers.
    if record is not None and record.info.pop(PLANS_ONCE, False):
        with connection.cursor() as cursor:
            cursor.execute("RESET plan_cache_mode")


class _Turns:
    """A lock that is handed from one to the next, in the order in which they came for it."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many wait for it."""
        return len(self._waiting)

    def take(self, timeout: float) -> bool:
        """Wait for one's turn; whether it came within `timeout` seconds."""
        with self._mutex:
            if not self._is_taken:
                self._is_taken = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        try:
            came = turn.acquire(timeout=timeout)
        except BaseException:
            if self._leave(turn):
                self.give()
            raise
        return came or self._leave(turn)

    def _leave(self, turn: threading.Lock) -> bool:
        """Wait no more; whether the turn came just then."""
        with self._mutex:
            if turn not in self._waiting:
                return True
            self._waiting.remove(turn)
            return False

    def give(self) -> None:
        """Let the next one have it."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


class OneWriter(QueuePool):
    """The only connection of a process that pages and jobs write through: it goes from one to the next.

    SQLite lets one write at a time; whoever finds the file locked sleeps and tries again, up to a tenth of a second
    each time, and who comes in between goes first. It still does so, as long again, for those of other processes.
    """

    def __init__(self, creator: Any, **given: Any) -> None:  # noqa: ANN401 - as the pool takes them
        super().__init__(creator, **given)
        self.turns = _Turns()

    def _do_get(self) -> ConnectionPoolEntry:
        if not self.turns.take(self.timeout()):
            # As SQLite says it, after as long.
            locked = sqlite3.OperationalError("database is locked")
            raise exc.OperationalError("BEGIN IMMEDIATE", {}, locked, hide_parameters=True)
        try:
            return super()._do_get()
        except BaseException:
            self.turns.give()
            raise

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        try:
            super()._do_return_conn(record)
        finally:
            self.turns.give()


def _sqlite_engines(url: URL) -> tuple[Engine, Engine]:
    patient = {"connect_args": {"timeout": LOCK_WAIT_SECONDS}, "hide_parameters": True}
    reading = writing = create_engine(url, **patient)
    if url.database and url.database != ":memory:":
        # Hashes and sealed passwords are nobody else's to read on a shared machine.
        create_private(Path(url.database))
        one_at_a_time = {"pool_size": 1, "max_overflow": 0, "pool_timeout": LOCK_WAIT_SECONDS}
        writing = create_engine(url, poolclass=OneWriter, **one_at_a_time, **patient)
    for engine in {reading, writing}:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return reading, writing.execution_options(**WRITING)


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - of either driver
    # The driver must not open transactions by itself: `_begin_sqlite` chooses the kind.
    connection.isolation_level = None
    # As PostgreSQL has it.
    connection.create_function("translate", 3, _translate, deterministic=True)
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


@lru_cache(4)
def translation(letters: str, others: str) -> dict[int, int | None]:
    """The table of what PostgreSQL calls `translate`: the letters beyond as many as there are `others` are dropped."""
    return str.maketrans(letters[: len(others)], others, letters[len(others) :])


def _translate(text: str | None, letters: str, others: str) -> str | None:
    return text and text.translate(translation(letters, others))


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    hasty = options.get(HASTY, False)
    if hasty != connection.info.get(HASTY, False):
        # Not to be changed within a transaction.
        connection.exec_driver_sql("PRAGMA synchronous=NORMAL" if hasty else "PRAGMA synchronous=FULL")
        connection.info[HASTY] = hasty
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing", False) else "BEGIN")
