"""What takes long to make is made once in a process, and its rows are put back for the tests that follow."""

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
import time_machine
from sqlalchemy import make_url

from shared.database import Base

Made = TypeVar("Made")
TABLES = tuple(Base.metadata.tables)

_NO_ROW = 21
"""Bytes of a binary copy that holds none: its header and its end."""
_kept: dict[tuple[str, str], tuple[Any, dict[str, Any]]] = {}


def made_once(what: str, make: Callable[[], Made], url: str) -> Made:
    """What `make` returns, and writes on the empty tables of `url`; `what` tells it from other things.

    Made anew on another day than today: its rows say when they were written.
    """
    if time_machine.escape_hatch.is_travelling():
        return make()
    backend = make_url(url).get_backend_name()
    take, put = (_take_sqlite, _put_sqlite) if backend == "sqlite" else (_take_postgresql, _put_postgresql)
    if (backend, what) in _kept:
        made, rows = _kept[backend, what]
        put(url, rows)
    else:
        made = make()
        _kept[backend, what] = made, take(url)
    found: Made = made
    return found


def _take_sqlite(url: str) -> dict[str, Any]:
    with sqlite3.connect(str(make_url(url).database)) as connection:
        rows = {table: connection.execute(f'SELECT * FROM "{table}"').fetchall() for table in TABLES}
    connection.close()
    return {table: found for table, found in rows.items() if found}


def _put_sqlite(url: str, rows: dict[str, Any]) -> None:
    # The driver enforces no foreign key unless it is told to: the order of tables does not matter, but that the fiches
    # would be given ties by a trigger where there are none yet.
    with sqlite3.connect(str(make_url(url).database)) as connection:
        for table, found in sorted(rows.items(), key=lambda one: one[0] != "account_tie"):
            places = ", ".join("?" * len(found[0]))
            connection.executemany(f'INSERT INTO "{table}" VALUES ({places})', found)
    connection.close()


def _take_postgresql(url: str) -> dict[str, Any]:
    rows = {}
    with _connect(url) as connection, connection.cursor() as cursor:
        for table in TABLES:
            with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as copy:
                rows[table] = b"".join(map(bytes, copy))
    return {table: found for table, found in rows.items() if len(found) > _NO_ROW}


def _put_postgresql(url: str, rows: dict[str, Any]) -> None:
    with _connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table, found in rows.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as copy:
                copy.write(found)
        numbered = [table for table in rows if "id" in Base.metadata.tables[table].columns]
        ends = (
            f"setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM \"{table}\"))" for table in numbered
        )
        cursor.execute(f"SELECT {', '.join(ends)}")


def _connect(url: str) -> "psycopg.Connection[Any]":
    return psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
