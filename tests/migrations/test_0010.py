"""Passkeys come and go with the mails that tell of them; accounts and their other mails stay as they were."""

import pytest
from sqlalchemy import TextClause, inspect, text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

ROWS = (
    "INSERT INTO identifier (value, given_at) VALUES ('m.payet', '2026-09-01')",
    "INSERT INTO account (id, kind, identifier, state, password_hash, must_change_password, created_at)"
    " VALUES (1, 'guardian', 'm.payet', 'active', 'x', false, '2026-09-01')",
)
MAIL = text(
    "INSERT INTO account_mail (kind, account_id, recipient, details, created_at, delivery, attempts)"
    " VALUES (:kind, 1, 'm@example.org', '{}', '2026-09-01', :delivery, 0)"
)
PASSKEY = text(
    "INSERT INTO passkey (account_id, credential_id, public_key, sign_count, transports, name, created_at)"
    " VALUES (1, :credential, :key, :count, '[]', 'Téléphone', '2026-09-01')"
)
KEY = {"credential": b"c", "key": b"k", "count": 0}


def do(database: Database, statement: str) -> None:
    with database.engine.begin() as connection:
        connection.execute(text(statement))


def test_passkeys_and_their_mails_come_and_go_and_the_rest_stays(database: Database) -> None:
    schema.downgrade(database.engine, "0009")
    for row in ROWS:
        do(database, row)
    indexes = {index["name"] for index in inspect(database.engine).get_indexes("account_mail")}
    with database.engine.begin() as connection:
        connection.execute(MAIL, {"kind": "merged", "delivery": "sent"})
    schema.upgrade(database.engine, "0010")
    assert {index["name"] for index in inspect(database.engine).get_indexes("account_mail")} == indexes
    with database.engine.begin() as connection:
        connection.execute(MAIL, {"kind": "passkey_added", "delivery": "to_send"})
        connection.execute(PASSKEY, KEY)
    schema.downgrade(database.engine, "0009")
    assert "passkey" not in inspect(database.engine).get_table_names()
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT kind, delivery FROM account_mail")).all() == [("merged", "sent")]
        assert connection.execute(text("SELECT identifier FROM account")).all() == [("m.payet",)]
    schema.upgrade(database.engine)


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (MAIL, {"kind": "unheard_of", "delivery": "to_send"}),
        (MAIL, {"kind": "merged", "delivery": "unheard_of"}),
        (PASSKEY, KEY),
        (PASSKEY, {**KEY, "credential": b"d", "count": -1}),
    ],
    ids=["a mail of no kind", "a mail in no state", "one passkey twice", "a count below zero"],
)
def test_the_tables_refuse_what_no_rule_would_write(
    database: Database, statement: TextClause, values: dict[str, object]
) -> None:
    for row in ROWS:
        do(database, row)
    with database.engine.begin() as connection:
        connection.execute(PASSKEY, KEY)
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(statement, values)


def test_new_tables_take_the_mails_of_passkeys_too(database: Database) -> None:
    schema.downgrade(database.engine, "base")
    schema.upgrade(database.engine)
    for row in ROWS:
        do(database, row)
    with database.engine.begin() as connection:
        for kind in ("passkey_added", "passkeys_removed"):
            connection.execute(MAIL, {"kind": kind, "delivery": "to_send"})


def test_an_account_takes_its_passkeys_with_it(database: Database) -> None:
    for row in ROWS:
        do(database, row)
    with database.engine.begin() as connection:
        connection.execute(PASSKEY, KEY)
    do(database, "DELETE FROM account")
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM passkey")).scalar_one() == 0
