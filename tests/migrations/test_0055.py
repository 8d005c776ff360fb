"""The mark of a letter's password comes with it and goes with its account; accounts stay, both ways."""

import pytest
from sqlalchemy import text

from shared import schema
from shared.database import Database
from tests.migrations.test_0054 import write

ACCOUNT = (
    "INSERT INTO identifier (value, given_at) VALUES ('m.payet', '2026-09-01')",
    "INSERT INTO account (id, kind, identifier, state, password_hash, must_change_password, created_at)"
    " VALUES (1, 'guardian', 'm.payet', 'active', 'h', false, '2026-09-01')",
)
MARK = (
    "INSERT INTO letter_mark (account_id, mark, chosen_at, forgotten_at) VALUES (1, '123', '2026-09-01', '2026-12-01')"
)


def count(database: Database, table: str) -> int:
    with database.engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


@pytest.mark.both_databases
def test_marks_come_and_go_and_accounts_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0054")
    write(database, *ACCOUNT)
    schema.upgrade(database.engine, "0055")
    write(database, MARK)
    schema.downgrade(database.engine, "0054")
    assert count(database, "account") == 1
    schema.upgrade(database.engine)
    write(database, MARK, "DELETE FROM account")
    assert count(database, "letter_mark") == 0
