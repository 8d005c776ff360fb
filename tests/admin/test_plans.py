"""No page reads a table of the whole académie from end to end: each question about a school goes through an index."""

import pytest

from shared.database import refresh_statistics
from shared.exports.notifications import notifications_sheet
from shared.models.accounts import AccountKind
from shared.models.school import Guardian, Guardianship, Student
from tests.admin.test_queries import PAGES, add_families
from tests.benchmarks.generate_accounts import fill_school
from tests.factories import make_establishment
from tests.plans import questions, whole_tables_read

pytestmark = pytest.mark.both_databases

OTHER_SCHOOLS = 8
"""Of a thousand guardians each; the school that is asked about has seventy."""


@pytest.fixture
def asked(database):
    with questions(database) as seen:
        yield seen


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


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_search_need_not_read_the_students_of_the_academie(head, database, sealer, school_a, others, asked):
    """Where looking them up one by one looks dear, as in a school among two hundred, an index still gives its own."""
    add_families(database, sealer, school_a, range(30))
    asked.clear()
    for typed in ("hoa", "m.ho", "6a3", "zarzuelo"):
        assert head.get(f"/responsables/comptes/?q={typed}").status_code == 200
    searches = {question: values for question, values in asked.items() if "LIKE" in question}
    read = whole_tables_read(database, searches, without=("enable_seqscan", "enable_nestloop"))
    assert searches
    assert [question for table, question in read if table == "student"] == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_is_asked_of_notifications_need_not_read_the_campaigns_of_the_academie(
    head, database, sealer, school_a, others, asked
):
    """PostgreSQL thinks that campaigns about one kind of accounts are few, and would begin with all of them."""
    add_families(database, sealer, school_a, range(30))
    asked.clear()
    for page in ("/", "/statistiques/", "/responsables/notifications/"):
        assert head.get(page).status_code == 200
    with database.reading() as session:
        list(notifications_sheet(session, school_a.id, AccountKind.GUARDIAN).rows)
    about = {question: values for question, values in asked.items() if "criteria" in question}
    read = whole_tables_read(database, about, without=("enable_seqscan", "enable_nestloop"))
    assert about
    assert [question for table, question in read if table == "campaign"] == []


def test_a_question_without_an_index_would_be_found(database, school_a, asked):
    with database.reading() as session:
        session.connection().exec_driver_sql("SELECT id FROM guardian WHERE first_name = 'Zoé'")

    assert [table for table, _ in whole_tables_read(database, asked)] == ["guardian"]
