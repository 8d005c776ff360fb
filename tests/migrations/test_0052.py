"""Letters bear an address and may come back after it; what was printed before stays, both ways."""

from sqlalchemy import text

from shared import schema
from shared.database import Database

BEFORE = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001H', 'Collège', '2026-09-01')",
    "INSERT INTO campaign (id, establishment_id, request_key, title, mode, criteria, created_at)"
    " VALUES (1, 1, 'k1', 'Responsables', 'paper', '{}', '2026-09-01')",
    "INSERT INTO notification (id, campaign_id, establishment_id, channel, delivery, attempts, position)"
    " VALUES (1, 1, 1, 'paper', 'printed', 1, 1)",
)
RETURNED = "INSERT INTO posted_letter VALUES (1, 1, '12 RUE', '2026-09-20', 'Mme Payet')"


def write(database: Database, *rows: str) -> None:
    with database.engine.begin() as connection:
        for row in rows:
            connection.execute(text(row))


def count(database: Database, table: str) -> int:
    with database.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one())


def test_what_was_there_stays_both_ways(database: Database) -> None:
    schema.downgrade(database.engine, "0051")
    write(database, *BEFORE)
    schema.upgrade(database.engine, "0052")
    write(database, RETURNED)
    schema.downgrade(database.engine, "0051")
    assert count(database, "notification") == 1
    schema.upgrade(database.engine)
    assert count(database, "posted_letter") == 0


def test_a_letter_goes_with_its_notification(database: Database) -> None:
    write(database, *BEFORE, RETURNED, "DELETE FROM campaign")
    assert count(database, "posted_letter") == 0
