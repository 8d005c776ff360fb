"""Invitations come and go; a delegation that nobody accepted goes with them, the others stay."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database
from tests.migrations.test_0002 import ROWS

SCHOOL = "INSERT INTO establishment (id, uai, name, created_at) VALUES (2, '9740002B', 'Lycée', '2026-09-01')"
INVITED = (
    "INSERT INTO staff_role (id, staff_id, kind, establishment_id, tabs, invitation_hash, invited_name)"
    " VALUES (2, 1, '{kind}', 2, '[]', {code}, 'Anne')"
)


def test_a_delegation_that_waits_goes_and_the_others_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0018")
    schema.downgrade(database.engine, "-1")
    with database.engine.begin() as connection:
        for row in (*ROWS[:3], SCHOOL):
            connection.execute(text(row))
    schema.upgrade(database.engine, "0018")
    with database.engine.begin() as connection:
        connection.execute(text(INVITED.format(kind="delegate", code="'h'")))
    schema.downgrade(database.engine, "-1")
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT id, kind FROM staff_role")).all() == [(1, "head")]
    schema.upgrade(database.engine)


@pytest.mark.parametrize(("kind", "code"), [("delegate", "NULL"), ("head", "'h'")])
def test_the_table_refuses_what_no_rule_would_write(database: Database, kind: str, code: str) -> None:
    with database.engine.begin() as connection:
        for row in (*ROWS[:3], SCHOOL):
            connection.execute(text(row))
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text(INVITED.format(kind=kind, code=code)))
