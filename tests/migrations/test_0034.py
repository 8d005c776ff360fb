"""The mail that tells of a way in comes and goes; the others stay."""

from sqlalchemy import text

from shared import schema
from shared.database import Database
from tests.migrations.test_0032 import STAFF

MAIL = (
    "INSERT INTO staff_mail (staff_id, kind, recipient, created_at, delivery, attempts)"
    " VALUES (1, '{}', 'chef@example.org', '2026-09-01', 'sent', 0)"
)


def test_the_mail_comes_and_goes_and_the_others_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0033")
    with database.engine.begin() as connection:
        connection.execute(text(STAFF))
        connection.execute(text(MAIL.format("new_device")))
    schema.upgrade(database.engine, "0034")
    with database.engine.begin() as connection:
        connection.execute(text(MAIL.format("way_in_joined")))
    schema.downgrade(database.engine, "0033")
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT kind FROM staff_mail")).all() == [("new_device",)]
    schema.upgrade(database.engine)
