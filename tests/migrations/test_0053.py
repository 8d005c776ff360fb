"""Letters may be handed to a printing service after it; campaigns and their rows stay, both ways."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

CAMPAIGN = (
    "INSERT INTO campaign (id, establishment_id, request_key, title, mode, criteria, created_at)"
    " VALUES ({0}, 1, 'k{0}', 'Responsables', '{1}', '{{}}', '2026-09-01')"
)
ROW = (
    "INSERT INTO notification (id, campaign_id, establishment_id, channel, delivery, attempts, position)"
    " VALUES ({0}, {0}, 1, '{1}', 'sent', 1, 1)"
)
BEFORE = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001H', 'Collège', '2026-09-01')",
    CAMPAIGN.format(1, "paper"),
    ROW.format(1, "paper"),
)
AFTER = (
    CAMPAIGN.format(2, "print_service"),
    ROW.format(2, "print_service"),
    "INSERT INTO print_lot (id, name, campaign_id, created_at) VALUES (1, 'lot-1', 2, '2026-09-01')",
    "INSERT INTO print_copy VALUES (2, 1, 1, 1, 'handed', NULL)",
)
COUNTS = "SELECT (SELECT COUNT(*) FROM campaign), (SELECT COUNT(*) FROM notification)"


def write(database: Database, *rows: str) -> None:
    with database.engine.begin() as connection:
        for row in rows:
            connection.execute(text(row))


def counts(database: Database) -> tuple[int, ...]:
    with database.engine.connect() as connection:
        return tuple(connection.execute(text(COUNTS)).one())


def test_what_was_there_stays_both_ways(database: Database) -> None:
    schema.downgrade(database.engine, "0052")
    write(database, *BEFORE)
    with pytest.raises(IntegrityError):
        write(database, AFTER[0])
    schema.upgrade(database.engine, "0053")
    assert counts(database) == (1, 1)
    write(database, *AFTER)
    schema.downgrade(database.engine, "0052")
    assert counts(database) == (1, 1)
    schema.upgrade(database.engine)


def test_no_other_state_is_taken(database: Database) -> None:
    write(database, *BEFORE, *AFTER[:3])
    with pytest.raises(IntegrityError):
        write(database, AFTER[3].replace("handed", "eaten"))
