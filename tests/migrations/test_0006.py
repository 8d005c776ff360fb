"""What staff decide about duplicates gets its tables, and goes with the fiches it is about."""

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

TABLES = {"fusion_lot", "fusion", "fused_fiche", "set_aside_fiche", "distinct_fiches"}
GUARDIAN = text(
    "INSERT INTO guardian (id, establishment_id, siecle_id, family_name, first_name, name_key, birth_name_key,"
    " account_kept) VALUES (:id, 1, :siecle_id, 'PAYET', 'Marie', 'payet marie', 'payet marie', false)"
)
DISTINCT = text(
    "INSERT INTO distinct_fiches (establishment_id, first_id, second_id, decided_at, decided_by)"
    " VALUES (1, :first, :second, '2026-09-01 08:00:00', 'Mme Hoarau')"
)
FUSION = text(
    "INSERT INTO fusion (id, establishment_id, kept_id, choices, kept_account_kept, made_at, made_by)"
    " VALUES (1, 1, 1, '{\"names\": 2}', false, '2026-09-01 08:00:00', 'Mme Hoarau')"
)
FUSED = text("INSERT INTO fused_fiche (fusion_id, guardian_id, notification_ids) VALUES (1, 2, '[]')")


def add_a_school_with_two_fiches(connection: Connection) -> None:
    connection.execute(
        text("INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'Clg', '2026-09-01')")
    )
    connection.execute(GUARDIAN, [{"id": 1, "siecle_id": "11"}, {"id": 2, "siecle_id": "12"}])


def test_fiches_outlive_the_decisions_and_decisions_do_not_outlive_their_fiches(database: Database) -> None:
    schema.downgrade(database.engine, "0005")
    with database.engine.begin() as connection:
        add_a_school_with_two_fiches(connection)
    schema.upgrade(database.engine, "0006")
    with database.engine.begin() as connection:
        connection.execute(DISTINCT, {"first": 1, "second": 2})
        connection.execute(FUSION)
        connection.execute(FUSED)
        connection.execute(text("DELETE FROM guardian WHERE id = 2"))
        for table in ("distinct_fiches", "fused_fiche"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0
    schema.downgrade(database.engine, "0005")
    assert not TABLES & set(inspect(database.engine).get_table_names())
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT siecle_id FROM guardian")) == "11"


def test_two_persons_are_told_apart_once_until_it_is_undone(database: Database) -> None:
    with database.engine.begin() as connection:
        add_a_school_with_two_fiches(connection)
        connection.execute(DISTINCT, {"first": 1, "second": 2})
    for first, second in ((1, 2), (2, 1)):
        with pytest.raises(IntegrityError), database.engine.begin() as connection:
            connection.execute(DISTINCT, {"first": first, "second": second})
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE distinct_fiches SET undone_at = '2026-09-02', undone_by = 'Mme Hoarau'"))
        connection.execute(DISTINCT, {"first": 1, "second": 2})
