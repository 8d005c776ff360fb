"""Receipts that come early have a table; messages and their notifications stay, both ways."""

import pytest
from sqlalchemy import text

from shared import schema
from shared.database import Database
from tests.migrations.test_0053 import CAMPAIGN, ROW
from tests.migrations.test_0054 import SCHOOL, write

MESSAGE = (
    "INSERT INTO sms_message (id, notification_id, lease, state, price, begun_at, polls)"
    " VALUES (1, 1, 'l', 'leaving', 650, '2026-09-01', 0)"
)
EARLY = "INSERT INTO sms_early_receipt VALUES ('abc-1', {0}, '', {0}, '2026-09-01')"


def messages(database: Database) -> int:
    with database.engine.connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM sms_message")) or 0)


@pytest.mark.both_databases
def test_receipts_that_come_early_are_kept_apart_and_messages_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0057")
    write(database, SCHOOL, CAMPAIGN.format(1, "sms"), ROW.format(1, "sms"), MESSAGE)
    schema.upgrade(database.engine, "0058")
    write(database, EARLY.format("true" if database.engine.dialect.name == "postgresql" else "1"))
    schema.downgrade(database.engine, "0057")
    assert messages(database) == 1
    schema.upgrade(database.engine)
    assert messages(database) == 1
