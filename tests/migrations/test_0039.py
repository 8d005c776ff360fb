"""Links stay as they are when it comes to be known that a key alone gave some, and when that is forgotten."""

from sqlalchemy import text

from shared import schema
from shared.database import Database

BEFORE = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001H', 'Collège', '2026-09-01')",
    "INSERT INTO student (id, establishment_id, siecle_id, family_name, first_name, name_key, birth_name_key,"
    " scholarship, account_kept) VALUES (1, 1, '1', 'HOARAU', 'Léo', 'hoarau leo', 'hoarau leo', false, false)",
    "INSERT INTO guardian (id, establishment_id, siecle_id, family_name, first_name, name_key, birth_name_key,"
    " account_kept) VALUES (1, 1, '101', 'HOARAU', 'Marie', 'hoarau marie', 'hoarau marie', false)",
    "INSERT INTO guardianship (id, establishment_id, student_id, guardian_id, legal_rank) VALUES (1, 1, 1, 1, 1)",
)


def test_links_stay_both_ways(database: Database) -> None:
    schema.downgrade(database.engine, "0038")
    with database.engine.begin() as connection:
        for row in BEFORE:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0039")
    with database.engine.begin() as connection:
        assert not connection.scalar(text("SELECT by_key_only FROM guardianship"))
        connection.execute(text("UPDATE guardianship SET by_key_only = true"))
    schema.downgrade(database.engine, "0038")
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT id, student_id, guardian_id, legal_rank FROM guardianship")).all() == [
            (1, 1, 1, 1)
        ]
    schema.upgrade(database.engine, "0039")
