"""Letters that establishments write: the table comes and goes, the school stays."""

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

SCHOOL = text("INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'Collège', '2026-09-01')")
LETTER = text(
    "INSERT INTO letter_text (establishment_id, letter, part, content, version) "
    "VALUES (1, :letter, 'body', '<p>Bonjour</p>', 1)"
)


def test_letters_come_and_go_and_the_school_stays(database: Database) -> None:
    schema.downgrade(database.engine, "0002")
    with database.engine.begin() as connection:
        connection.execute(SCHOOL)
    schema.upgrade(database.engine, "0003")
    with database.engine.begin() as connection:
        connection.execute(LETTER, {"letter": "guardian_reminder"})
        assert connection.execute(text("SELECT content FROM letter_text")).scalar_one() == "<p>Bonjour</p>"
    schema.downgrade(database.engine, "0002")
    assert "letter_text" not in inspect(database.engine).get_table_names()
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM establishment")).scalar_one() == 1
    schema.upgrade(database.engine)


def test_a_letter_that_does_not_exist_cannot_be_written(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(SCHOOL)
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(LETTER, {"letter": "teacher_reminder"})
