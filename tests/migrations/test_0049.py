"""Campaigns may have steps after it; those that were there stay as they are, both ways."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

BEFORE = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001H', 'Collège', '2026-09-01')",
    "INSERT INTO campaign (id, establishment_id, request_key, title, mode, criteria, created_at)"
    " VALUES (1, 1, 'k1', 'Responsables', 'mail', '{}', '2026-09-01')",
    "INSERT INTO notification (id, campaign_id, establishment_id, channel, recipient, delivery, attempts, position)"
    " VALUES (1, 1, 1, 'mail', 'x', 'sent', 1, 1)",
)
STAGED = (
    "INSERT INTO staged_campaign (id, establishment_id, by_staff, request_key, title, criteria, days, created_at)"
    " VALUES (1, 1, true, 's1', 'Responsables', '{}', 7, '2026-09-01')"
)
STAGE = (
    "INSERT INTO campaign_stage (id, staged_campaign_id, position, channel, state, due_on, most, price, request_key,"
    " campaign_id) VALUES ({0}, 1, {0}, '{1}', '{2}', '2026-09-01', 1, 0, 'e{0}', {3})"
)
AFTER = (STAGED, STAGE.format(1, "mail", "launched", 1), STAGE.format(2, "paper", "awaited", "NULL"))


def write(database: Database, *rows: str) -> None:
    with database.engine.begin() as connection:
        for row in rows:
            connection.execute(text(row))


def count(database: Database, *tables: str) -> list[int]:
    with database.engine.connect() as connection:
        return [connection.scalar(text(f"SELECT COUNT(*) FROM {table}")) for table in tables]


def test_campaigns_stay_both_ways(database: Database) -> None:
    schema.downgrade(database.engine, "0048")
    write(database, *BEFORE)
    schema.upgrade(database.engine, "0049")
    assert count(database, "campaign", "notification", "staged_campaign") == [1, 1, 0]
    write(database, *AFTER)
    schema.downgrade(database.engine, "0048")
    assert count(database, "campaign", "notification") == [1, 1]
    schema.upgrade(database.engine)
    assert count(database, "campaign", "staged_campaign", "campaign_stage") == [1, 0, 0]


@pytest.mark.parametrize(
    "row",
    [
        STAGE.format(2, "pigeon", "awaited", "NULL"),
        STAGE.format(2, "paper", "eaten", "NULL"),
        STAGE.format(2, "paper", "launched", 1),
        AFTER[2].replace("(2, 1, 2,", "(2, 1, 1,"),
    ],
)
def test_no_other_value_is_taken_and_no_campaign_is_two_steps(database: Database, row: str) -> None:
    write(database, *BEFORE, *AFTER[:2])
    with pytest.raises(IntegrityError):
        write(database, row)


def test_the_steps_go_with_the_school(database: Database) -> None:
    write(database, *BEFORE, *AFTER)
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM establishment"))
    assert count(database, "campaign", "staged_campaign", "campaign_stage") == [0, 0, 0]
