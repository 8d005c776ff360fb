"""The mail that tells of a change that is asked for comes and goes; the others stay."""

from sqlalchemy import text

from shared import schema
from shared.database import Database
from tests.migrations.test_0010 import MAIL, ROWS, do


def test_the_mail_comes_and_goes_and_the_others_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0015")
    schema.downgrade(database.engine, "-1")
    for row in ROWS:
        do(database, row)
    with database.engine.begin() as connection:
        connection.execute(MAIL, {"kind": "merged", "delivery": "sent"})
    schema.upgrade(database.engine, "0015")
    with database.engine.begin() as connection:
        connection.execute(MAIL, {"kind": "email_change_asked", "delivery": "to_send"})
    schema.downgrade(database.engine, "-1")
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT kind, delivery FROM account_mail")).all() == [("merged", "sent")]
    schema.upgrade(database.engine)
