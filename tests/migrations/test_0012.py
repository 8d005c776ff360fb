"""Logos come and go; the letters that a school wrote stay, and a logo goes with its school."""

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database
from shared.models.letters import LARGEST_LOGO

SCHOOL = "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'A', '2026-09-01')"
WORDS = (
    "INSERT INTO letter_text (establishment_id, letter, part, content, version)"
    " VALUES (1, 'guardian_reminder', 'body', 'Bonjour', 2)"
)
LOGO = text("INSERT INTO letter_logo (establishment_id, picture, version) VALUES (1, :picture, 1)")


def test_logos_come_and_go_and_a_logo_goes_with_its_school(database: Database) -> None:
    schema.downgrade(database.engine, "0011")
    with database.engine.begin() as connection:
        connection.execute(text(SCHOOL))
        connection.execute(text(WORDS))
    schema.upgrade(database.engine, "0012")
    with database.engine.begin() as connection:
        connection.execute(LOGO, {"picture": b"x" * LARGEST_LOGO})
    schema.downgrade(database.engine, "0011")
    assert "letter_logo" not in inspect(database.engine).get_table_names()
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT content, version FROM letter_text")).all() == [("Bonjour", 2)]
    schema.upgrade(database.engine)
    with database.engine.begin() as connection:
        connection.execute(LOGO, {"picture": b"x"})
        connection.execute(text("DELETE FROM establishment"))
        assert connection.execute(text("SELECT count(*) FROM letter_logo")).scalar_one() == 0


def test_the_table_refuses_a_picture_that_is_too_heavy(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text(SCHOOL))
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(LOGO, {"picture": b"x" * (LARGEST_LOGO + 1)})
