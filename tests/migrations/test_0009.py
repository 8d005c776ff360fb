"""Pairs outlive the mails that tell of them, and a school that wants an address told has given one."""

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database
from tests.migrations.test_0004 import PAIR, add_a_school_with_two_fiches

ALERT = text("INSERT INTO duplicates_alert (establishment_id, sent_to, email, version) VALUES (1, :sent_to, :email, 1)")
MAIL = text(
    "INSERT INTO duplicates_mail (establishment_id, recipient, created_at, delivery, attempts)"
    " VALUES (1, 'chef@exemple.fr', '2026-09-01 08:00:00', 'to_send', 0)"
)


def add_a_pair(connection: Connection) -> None:
    add_a_school_with_two_fiches(connection)
    connection.execute(PAIR, {"first": 1, "second": 2})


def test_pairs_outlive_the_mails_that_tell_of_them(database: Database) -> None:
    schema.downgrade(database.engine, "0008")
    with database.engine.begin() as connection:
        add_a_pair(connection)
    schema.upgrade(database.engine, "0009")
    with database.engine.begin() as connection:
        assert connection.scalar(text("SELECT announced_at FROM duplicate_pair")) is None
        connection.execute(ALERT, {"sent_to": "address", "email": "doublons@exemple.fr"})
        connection.execute(MAIL)
        connection.execute(text("UPDATE duplicate_pair SET announced_at = '2026-09-01 08:00:00'"))
    schema.downgrade(database.engine, "0008")
    assert not {"duplicates_alert", "duplicates_mail"} & set(inspect(database.engine).get_table_names())
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT confidence FROM duplicate_pair")) == 0.97
    schema.upgrade(database.engine)


@pytest.mark.parametrize(("sent_to", "email"), [("address", None), ("staff", "x@exemple.fr"), ("everybody", None)])
def test_only_an_address_has_an_address(database: Database, sent_to: str, email: str | None) -> None:
    with database.engine.begin() as connection:
        add_a_pair(connection)
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(ALERT, {"sent_to": sent_to, "email": email})
