"""Restorations come and go; one at most stands, and the directory is as it was."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

STANDING = "INSERT INTO restoration (id, restored_at, first_index, standing) VALUES ({}, '2026-09-01', 1000, true)"


def test_restorations_go_and_the_directory_stays(database: Database) -> None:
    schema.downgrade(database.engine, "0034")
    with database.engine.begin() as connection:
        connection.execute(text("INSERT INTO identifier (value, given_at) VALUES ('p.un', '2026-09-01')"))
    schema.upgrade(database.engine, "0035")
    with database.engine.begin() as connection:
        connection.execute(text(STANDING.format(1)))
    schema.downgrade(database.engine, "0034")
    schema.upgrade(database.engine)
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT value FROM identifier")) == "p.un"
        assert connection.scalar(text("SELECT count(*) FROM restoration")) == 0


def test_two_restorations_never_stand_at_once(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text(STANDING.format(1)))
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text(STANDING.format(2)))
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE restoration SET released_at = '2026-09-02', standing = NULL"))
        connection.execute(text(STANDING.format(2)))
