"""What a database is asked, whether a page or a job reads or writes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from shared.database import Database


@contextmanager
def heard(database: Database, hear: Callable[[str, Any], object]) -> Iterator[None]:
    """Let `hear` be told each statement and its parameters, as they are sent."""

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        hear(statement, parameters)

    # On PostgreSQL both are of one pool, and what is sent by one is heard by the other.
    apart = database.writing_engine.pool is not database.engine.pool
    engines = [database.engine, database.writing_engine] if apart else [database.engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


@contextmanager
def sent(database: Database) -> Iterator[list[str]]:
    """The statements, in the order in which they are sent."""
    statements: list[str] = []
    with heard(database, lambda statement, _: statements.append(statement)):
        yield statements
