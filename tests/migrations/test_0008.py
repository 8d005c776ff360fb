"""The school base stays as it is while the reports of wrong children come and go, and rows of two schools never mix."""

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

PERSON = "(id, establishment_id, siecle_id, family_name, first_name, name_key, birth_name_key"
ROWS = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'A', '2026-09-01')",
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (2, '9740002B', 'B', '2026-09-01')",
    f"INSERT INTO student {PERSON}, birth_date, scholarship, account_kept)"
    " VALUES (1, 1, '1', 'PAYET', 'Léa', 'payet lea', 'payet lea', '2014-03-02', false, false)",
    f"INSERT INTO guardian {PERSON}, account_kept) VALUES (1, 1, '1', 'PAYET', 'Marie', 'p', 'p', false)",
    f"INSERT INTO guardian {PERSON}, account_kept) VALUES (2, 2, '1', 'PAYET', 'Marie', 'p', 'p', false)",
)
REPORT = text(
    "INSERT INTO wrong_child_report"
    " (id, establishment_id, student_id, guardian_id, words, reported_at, answer_words, answered_by)"
    " VALUES (:id, 1, 1, :guardian, '', '2026-09-01', '', '')"
)


def test_reports_come_and_go_and_people_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0007")
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0008")
    with database.engine.begin() as connection:
        connection.execute(REPORT, {"id": 1, "guardian": 1})
    schema.downgrade(database.engine, "0007")
    assert "wrong_child_report" not in inspect(database.engine).get_table_names()
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM guardian")).scalar_one() == 2
    schema.upgrade(database.engine)


@pytest.mark.parametrize(("guardian", "why"), [(2, "a fiche of another school"), (1, "one waits already")])
def test_the_table_refuses_what_no_rule_would_write(database: Database, guardian: int, why: str) -> None:
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
        connection.execute(REPORT, {"id": 1, "guardian": 1})
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(REPORT, {"id": 2, "guardian": guardian})
