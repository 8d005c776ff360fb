"""Likely duplicates get a table of their own, and go with the fiches they are of."""

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

GUARDIAN = text(
    "INSERT INTO guardian (id, establishment_id, siecle_id, family_name, first_name, name_key, birth_name_key,"
    " account_kept) VALUES (:id, 1, :siecle_id, 'PAYET', 'Marie', 'payet marie', 'payet marie', false)"
)
PAIR = text(
    "INSERT INTO duplicate_pair (establishment_id, first_id, second_id, confidence, reasons, against, detected_at)"
    " VALUES (1, :first, :second, 0.97, '[\"même nom\"]', '[]', '2026-09-01 08:00:00')"
)


def add_a_school_with_two_fiches(connection: Connection) -> None:
    connection.execute(
        text("INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'Clg', '2026-09-01')")
    )
    connection.execute(GUARDIAN, [{"id": 1, "siecle_id": "11"}, {"id": 2, "siecle_id": "12"}])


def test_fiches_outlive_the_table_of_pairs_and_pairs_do_not_outlive_their_fiches(database: Database) -> None:
    schema.downgrade(database.engine, "0003")
    with database.engine.begin() as connection:
        add_a_school_with_two_fiches(connection)
    schema.upgrade(database.engine, "0004")
    with database.engine.begin() as connection:
        connection.execute(PAIR, {"first": 1, "second": 2})
        connection.execute(text("DELETE FROM guardian WHERE id = 2"))
        assert connection.scalar(text("SELECT count(*) FROM duplicate_pair")) == 0
    schema.downgrade(database.engine, "0003")
    assert "duplicate_pair" not in inspect(database.engine).get_table_names()
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM guardian")) == 1


def test_a_pair_is_written_once_and_in_one_order(database: Database) -> None:
    with database.engine.begin() as connection:
        add_a_school_with_two_fiches(connection)
        connection.execute(PAIR, {"first": 1, "second": 2})
    for first, second in ((1, 2), (2, 1)):
        with pytest.raises(IntegrityError), database.engine.begin() as connection:
            connection.execute(PAIR, {"first": first, "second": second})
