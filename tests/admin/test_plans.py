"""No page reads a table of the whole académie from end to end: each question about a school goes through an index."""

import re

import pytest
from sqlalchemy import event

from tests.admin.test_queries import PAGES, add_families

GROW_WITH_THE_ACADEMY = (
    "guardian|guardianship|student|account|notification|campaign|journal_event|staff_role|staff_session"
)
SCANS = {
    "sqlite": ("EXPLAIN QUERY PLAN ", re.compile(rf"SCAN ({GROW_WITH_THE_ACADEMY})\b")),
    # The planner may read a small table whole; told not to, it still must where no index helps.
    "postgresql": ("EXPLAIN ", re.compile(rf"Seq Scan on ({GROW_WITH_THE_ACADEMY})\b")),
}


@pytest.fixture
def asked(database):
    """Every SELECT of the pages, as the database was sent it."""
    seen = {}

    def note(_connection, _cursor, statement, parameters, *_rest):
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen.setdefault(statement, parameters)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def plan_of(connection, statement, parameters) -> str:
    explain, _ = SCANS[connection.dialect.name]
    rows = connection.exec_driver_sql(explain + statement, parameters)
    return "\n".join(" ".join(map(str, row)) for row in rows)


def whole_tables_read(database, asked) -> list[tuple[str, str]]:
    """The statements that read one of these tables from end to end, with the table."""
    _, scan = SCANS[database.engine.dialect.name]
    found = []
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, parameters in list(asked.items()):
            for match in scan.finditer(plan_of(connection, statement, parameters)):
                found.append((match[1], statement))
    return found


def test_every_question_of_a_page_goes_through_an_index(head, database, sealer, school_a, asked):
    campaign = add_families(database, sealer, school_a, range(30))
    asked.clear()
    for page in [*PAGES, "/personnels/", "/services/", "/statistiques/", f"/responsables/compte/{school_a.fiche_id}/"]:
        assert head.get(page.format(campaign=campaign)).status_code == 200

    assert len(asked) > 20
    assert whole_tables_read(database, asked) == []


def test_a_question_without_an_index_would_be_found(database, school_a, asked):
    with database.reading() as session:
        session.connection().exec_driver_sql("SELECT id FROM guardian WHERE first_name = 'Zoé'")

    assert [table for table, _ in whole_tables_read(database, asked)] == ["guardian"]
