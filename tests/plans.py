"""How the databases go about what they are asked: which tables they read from end to end."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from shared.database import Database
from tests.statements import heard

GROW_WITH_THE_ACADEMY = (
    "guardian|guardianship|student|account|notification|campaign|journal_event|staff_role|staff_session"
)
SCANS = {
    "sqlite": ("EXPLAIN QUERY PLAN ", re.compile(rf"SCAN ({GROW_WITH_THE_ACADEMY})(?:_\d+)?\b")),
    # The planner may read a small table whole; told not to, it still must where no index helps.
    "postgresql": (
        "EXPLAIN ",
        # From end to end, or through an index from its beginning to its end: no condition on the line that follows. The
        # index of what is under way holds nothing else.
        re.compile(
            rf"(?:Seq Scan on ({GROW_WITH_THE_ACADEMY})\b"
            rf"|Index(?: Only)? Scan using (?!ix_campaign_unfinished)\w+ on ({GROW_WITH_THE_ACADEMY})\b"
            r"[^\n]*\n(?! *Index Cond))"
        ),
    ),
}


@contextmanager
def questions(database: Database) -> Iterator[dict[str, Any]]:
    """Every SELECT, as the database is sent it, with its parameters."""
    seen: dict[str, Any] = {}

    def note(statement: str, parameters: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen.setdefault(statement, parameters)

    with heard(database, note):
        yield seen


def plan_of(connection: Connection, statement: str, parameters: Any) -> str:
    explain, _ = SCANS[connection.dialect.name]
    rows = connection.exec_driver_sql(explain + statement, parameters)
    return "\n".join(" ".join(map(str, row)) for row in rows)


def whole_tables_read(
    database: Database, asked: dict[str, Any], without: Sequence[str] = ("enable_seqscan",)
) -> list[tuple[str, str]]:
    """The statements that read one of these tables from end to end, with the table; PostgreSQL does `without` these."""
    _, scan = SCANS[database.engine.dialect.name]
    found = []
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            for means in without:
                connection.exec_driver_sql(f"SET LOCAL {means} = off")
        for statement, parameters in list(asked.items()):
            for match in scan.finditer(plan_of(connection, statement, parameters)):
                found.append((match[match.lastindex or 0], statement))
    return found
