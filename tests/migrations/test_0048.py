"""ENTs and entries of before stay as they were: an ENT is asked to end its session once its metadata are replaced."""

from sqlalchemy import text

from shared import schema
from shared.database import Database
from tests.migrations.test_0045 import CONNECTED, ROWS


def test_ents_and_entries_of_before_keep_what_they_had(database: Database) -> None:
    schema.downgrade(database.engine, "0047")
    with database.engine.begin() as connection:
        for row in (*ROWS, *CONNECTED):
            connection.execute(text(row))
    schema.upgrade(database.engine, "0048")
    with database.engine.begin() as connection:
        assert connection.scalars(text("SELECT ending_address FROM ent_service")).all() == [None]
        assert connection.scalars(text("SELECT is_transient FROM ent_entry")).all() == [False]
        connection.execute(text("UPDATE ent_service SET ending_address = 'https://metice.example.org/slo'"))
    schema.downgrade(database.engine, "0047")
    with database.engine.connect() as connection:
        assert connection.scalars(text("SELECT entity_id FROM ent_service")).all() == ["https://metice.example.org"]
        assert connection.scalars(text("SELECT session_index FROM ent_entry")).all() == ["s"]
        assert connection.scalars(text("SELECT id FROM ent_consent")).all() == [1]
    schema.upgrade(database.engine, "0048")
