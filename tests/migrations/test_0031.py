"""Schools that were there before are looked at once more, and what points to them stays, there and back."""

from sqlalchemy import text

from shared import schema
from shared.database import Database

ROWS = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'A', '2026-09-01')",
    "INSERT INTO division (id, establishment_id, code) VALUES (1, 1, '6A')",
)


def rows(database: Database, table: str) -> int:
    with database.engine.connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0


def test_no_school_has_been_compared_and_none_is_lost(database: Database) -> None:
    schema.downgrade(database.engine, "0030")
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0031")
    with database.engine.begin() as connection:
        assert connection.scalar(text("SELECT compared_by FROM establishment")) is None
        connection.execute(text("UPDATE establishment SET compared_by = '1.0.0'"))
    schema.downgrade(database.engine, "0030")
    schema.upgrade(database.engine)
    assert [rows(database, table) for table in ("establishment", "division")] == [1, 1]
