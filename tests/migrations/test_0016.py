"""Mails about duplicates are known by their announcement, and what is tried again by hand by a mark of its own."""

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database
from tests.migrations.test_0009 import MAIL, add_a_pair

BEFORE = "0016-1"
CAMPAIGN = text(
    "INSERT INTO campaign (id, establishment_id, request_key, title, mode, criteria, created_at)"
    " VALUES (1, 1, 'k', 't', 'mail', '{}', '2026-09-01 08:00:00')"
)
NOTIFICATION = text(
    "INSERT INTO notification (campaign_id, establishment_id, channel, recipient, position, delivery, attempts)"
    " VALUES (1, 1, 'mail', 'm@exemple.fr', 1, 'to_send', 0)"
)
ANNOUNCED = text(
    "INSERT INTO duplicates_mail (establishment_id, announcement, recipient, created_at, delivery, attempts)"
    " VALUES (1, :announcement, 'chef@exemple.fr', '2026-09-01 08:00:00', :delivery, 0)"
)


def test_rows_go_forward_and_back(database: Database) -> None:
    schema.downgrade(database.engine, BEFORE)
    with database.engine.begin() as connection:
        add_a_pair(connection)
        for row in (CAMPAIGN, NOTIFICATION, MAIL):
            connection.execute(row)
    schema.upgrade(database.engine, "0016")
    with database.engine.begin() as connection:
        assert connection.scalar(text("SELECT is_freed FROM notification")) in (0, False)
        # The version before writes rows that say nothing of the new columns.
        connection.execute(text("DELETE FROM notification"))
        connection.execute(NOTIFICATION)
        for announcement in ("one", "other"):
            connection.execute(ANNOUNCED, {"announcement": announcement, "delivery": "to_send"})
    schema.downgrade(database.engine, BEFORE)
    with database.engine.connect() as connection:
        # Three mails of one instant are one again, and the notification is there still.
        assert connection.scalar(text("SELECT count(*) FROM duplicates_mail")) == 1
        assert connection.scalar(text("SELECT count(*) FROM notification")) == 1
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(MAIL)
    indexes = {index["name"] for index in inspect(database.engine).get_indexes("duplicates_mail")}
    assert "ix_duplicates_mail_delivery_next_attempt_at" in indexes
    schema.upgrade(database.engine)


@pytest.mark.parametrize(("announcement", "delivery"), [("one", "to_send"), ("other", "unheard_of")])
def test_one_announcement_makes_one_mail_to_each_in_a_state_that_is_known(
    database: Database, announcement: str, delivery: str
) -> None:
    with database.engine.begin() as connection:
        add_a_pair(connection)
        connection.execute(ANNOUNCED, {"announcement": "one", "delivery": "to_send"})
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(ANNOUNCED, {"announcement": announcement, "delivery": delivery})
