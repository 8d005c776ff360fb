"""Campaigns and their rows stay as they are while the columns of pauses and of hand-overs come and go."""

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

ROWS = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'Collège', '2026-09-01')",
    "INSERT INTO campaign (id, establishment_id, request_key, title, mode, criteria, created_at)"
    " VALUES (1, 1, 'key', 'Responsables', 'mail', '{}', '2026-09-01')",
    "INSERT INTO notification (id, campaign_id, establishment_id, channel, recipient, position, delivery, attempts)"
    " VALUES (1, 1, 1, 'mail', 'm@example.org', 1, 'sending', 1)",
    "INSERT INTO school_import"
    " (id, establishment_id, state, file_names, folder, accept_older, records_read, created_at)"
    " VALUES (1, 1, 'checking', '[]', 'folder', false, 0, '2026-09-01')",
)


def _counts(connection: Connection) -> list[int]:
    tables = ("campaign", "notification", "school_import")
    return [connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables]


def test_campaigns_under_way_are_neither_paused_nor_handed_over(database: Database) -> None:
    schema.downgrade(database.engine, "0004")
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0005")
    with database.engine.connect() as connection:
        assert _counts(connection) == [1, 1, 1]
        assert connection.execute(text("SELECT paused_at, cancelled_at FROM campaign")).one() == (None, None)
        assert connection.execute(text("SELECT handed_over_at FROM notification")).scalar_one() is None
        assert connection.execute(text("SELECT attempts FROM school_import")).scalar_one() == 0
    schema.downgrade(database.engine, "0004")
    with database.engine.connect() as connection:
        assert _counts(connection) == [1, 1, 1]
    assert not {"campaign_mail", "mail_outage", "failing_address"} & set(inspect(database.engine).get_table_names())
    schema.upgrade(database.engine)


def test_there_is_one_outage_at_most(database: Database) -> None:
    outage = text(
        "INSERT INTO mail_outage (id, since, trials, next_trial_at, reason)"
        " VALUES (:id, '2026-09-01', 1, '2026-09-01', 'arrêté')"
    )
    with database.engine.begin() as connection:
        connection.execute(outage, {"id": 1})
    for number in (1, 2):
        with pytest.raises(IntegrityError), database.engine.begin() as connection:
            connection.execute(outage, {"id": number})
