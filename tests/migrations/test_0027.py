"""What was estimated for a school comes and goes with the table; the school and its pairs stay."""

from sqlalchemy import inspect, text

from shared import schema
from shared.database import Database

ROWS = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'A', '2026-09-01')",
    *(
        "INSERT INTO guardian (id, establishment_id, siecle_id, family_name, first_name, name_key, birth_name_key,"
        " account_kept)"
        f" VALUES ({number}, 1, '{number}', 'PAYET', 'Marie', 'payet marie', 'payet marie', false)"
        for number in (1, 2)
    ),
    "INSERT INTO duplicate_pair (establishment_id, first_id, second_id, confidence, reasons, against, detected_at)"
    " VALUES (1, 1, 2, 0.97, '[]', '[]', '2026-09-01 08:00:00')",
)


def test_what_was_estimated_comes_and_goes_and_the_pairs_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0027")
    schema.downgrade(database.engine, "-1")
    assert "duplicate_parameters" not in inspect(database.engine).get_table_names()
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0027")
    with database.engine.begin() as connection:
        connection.execute(text("INSERT INTO duplicate_parameters VALUES (1, '{}', '2026-09-01 08:00:00')"))
    schema.downgrade(database.engine, "-1")
    schema.upgrade(database.engine)
    with database.engine.begin() as connection:
        assert connection.scalar(text("SELECT confidence FROM duplicate_pair")) == 0.97
        assert connection.scalar(text("SELECT count(*) FROM duplicate_parameters")) == 0
        connection.execute(text("INSERT INTO duplicate_parameters VALUES (1, '{}', '2026-09-01 08:00:00')"))
        connection.execute(text("DELETE FROM duplicate_pair"))
        connection.execute(text("DELETE FROM guardian"))
        connection.execute(text("DELETE FROM establishment"))
        assert connection.scalar(text("SELECT count(*) FROM duplicate_parameters")) == 0
