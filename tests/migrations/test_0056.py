"""What staff have read comes and goes with its columns; their logins and sessions stay, both ways."""

import pytest
from sqlalchemy import text

from shared import schema
from shared.database import Database
from tests.migrations.test_0032 import STAFF
from tests.migrations.test_0054 import SCHOOL, write

ROLE = "INSERT INTO staff_role (id, staff_id, kind, establishment_id, tabs, version) VALUES (1, 1, 'head', 1, '[]', 1)"


def roles(database: Database) -> int:
    with database.engine.connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM staff_role JOIN staff ON staff.id = staff_id")) or 0)


@pytest.mark.both_databases
def test_what_was_read_comes_and_goes_and_staff_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0055")
    write(database, STAFF, SCHOOL, ROLE)
    schema.upgrade(database.engine, "0056")
    write(database, "UPDATE staff SET news_seen = 3, news_seen_at = '2026-09-01'")
    schema.downgrade(database.engine, "0055")
    assert roles(database) == 1
    schema.upgrade(database.engine)
    assert roles(database) == 1
