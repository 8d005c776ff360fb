"""No page reads a table of the whole académie from end to end: each question about a school goes through an index."""

import re

import pytest
from sqlalchemy import event

from shared.database import refresh_statistics
from shared.models.school import Guardian, Guardianship, Student
from tests.admin.test_queries import PAGES, add_families
from tests.benchmarks.generate_accounts import fill_school
from tests.factories import make_establishment

pytestmark = pytest.mark.both_databases

OTHER_SCHOOLS = 8
"""Of a thousand guardians each; the school that is asked about has seventy."""

GROW_WITH_THE_ACADEMY = (
    "guardian|guardianship|student|account|notification|campaign|journal_event|staff_role|staff_session"
)
SCANS = {
    "sqlite": ("EXPLAIN QUERY PLAN ", re.compile(rf"SCAN ({GROW_WITH_THE_ACADEMY})\b")),
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
                found.append((match[match.lastindex], statement))
    return found


@pytest.fixture
def others(database):
    """The other schools of the académie: what the planner chooses for a few rows says nothing of many."""
    with database.writing() as session:
        for number in range(OTHER_SCHOOLS):
            fill_school(session, make_establishment(session, f"975000{number}A").id)
        refresh_statistics(session, Guardian, Guardianship, Student)


def test_every_question_of_a_page_goes_through_an_index(head, database, sealer, school_a, others, asked):
    campaign = add_families(database, sealer, school_a, range(30))
    asked.clear()
    for page in [*PAGES, "/personnels/", "/services/", "/statistiques/", f"/responsables/compte/{school_a.fiche_id}/"]:
        assert head.get(page.format(campaign=campaign)).status_code == 200

    assert len(asked) > 20
    assert whole_tables_read(database, asked) == []


def rows_read(database, asked) -> dict[str, int]:
    """The most rows of each table that one of the statements reads, whether it keeps them or not."""
    most: dict[str, int] = {}
    with database.engine.connect() as connection:
        for statement, parameters in list(asked.items()):
            [(plan,)] = connection.exec_driver_sql("EXPLAIN (ANALYZE, FORMAT JSON) " + statement, parameters)
            for node in nodes(plan[0]["Plan"]):
                read = node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
                table = node.get("Relation Name", "")
                most[table] = max(most.get(table, 0), int(read))
    return most


def nodes(plan):
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_pages_read_the_fiches_of_the_school_and_not_those_of_others(head, database, sealer, school_a, others, asked):
    campaign = add_families(database, sealer, school_a, range(30))
    asked.clear()
    for page in [*PAGES, "/statistiques/"]:
        assert head.get(page.format(campaign=campaign)).status_code == 200

    read = rows_read(database, asked)
    assert {table: read[table] for table in ("guardian", "guardianship", "student") if read[table] > 300} == {}


def test_a_question_without_an_index_would_be_found(database, school_a, asked):
    with database.reading() as session:
        session.connection().exec_driver_sql("SELECT id FROM guardian WHERE first_name = 'Zoé'")

    assert [table for table, _ in whole_tables_read(database, asked)] == ["guardian"]
