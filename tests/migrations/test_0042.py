"""Coupons may be notified after it; campaigns and their rows stay, both ways."""

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
    " VALUES ({0}, {0}, 1, '{1}', 'printed', 0, 1)"
)
BEFORE = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001H', 'Collège', '2026-09-01')",
    CAMPAIGN.format(1, "both"),
    ROW.format(1, "paper"),
    "INSERT INTO letter_lot (id, campaign_id, first_position, positions, content, created_at)"
    " VALUES (1, 1, 1, '[1]', 'x', '2026-09-01')",
)
AFTER = (
    CAMPAIGN.format(2, "coupon"),
    ROW.format(2, "coupon"),
    CAMPAIGN.format(3, "mail_or_coupon"),
)
COUNTS = (
    "SELECT (SELECT COUNT(*) FROM campaign), (SELECT COUNT(*) FROM notification), (SELECT COUNT(*) FROM letter_lot)"
)


def write(database: Database, *rows: str) -> None:
    with database.engine.begin() as connection:
        for row in rows:
            connection.execute(text(row))


def counts(database: Database) -> tuple[int, ...]:
    with database.engine.connect() as connection:
        return tuple(connection.execute(text(COUNTS)).one())


def test_what_was_there_stays_both_ways(database: Database) -> None:
    schema.downgrade(database.engine, "0041")
    write(database, *BEFORE)
    with pytest.raises(IntegrityError):
        write(database, AFTER[0])
    schema.upgrade(database.engine, "0042")
    assert counts(database) == (1, 1, 1)
    write(database, *AFTER)
    schema.downgrade(database.engine, "0041")
    assert counts(database) == (1, 1, 1)
    with pytest.raises(IntegrityError):
        write(database, AFTER[0])
    schema.upgrade(database.engine)


@pytest.mark.parametrize("row", [CAMPAIGN.format(4, "pigeon"), ROW.format(1, "pigeon").replace("(1, 1,", "(4, 1,")])
def test_no_other_value_is_taken(database: Database, row: str) -> None:
    write(database, *BEFORE)
    with pytest.raises(IntegrityError):
        write(database, row)
