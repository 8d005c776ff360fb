"""Erasures and the mail that announces them come and go; accounts and other mails stay."""

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database
from tests.factories import make_account

MAIL = (
    "INSERT INTO account_mail (id, kind, account_id, recipient, details, created_at, delivery, attempts)"
    " VALUES ({}, '{}', (SELECT id FROM account), 'a@example.org', '{{}}', '2026-09-01', 'sent', 0)"
)
ERASURE = (
    "INSERT INTO account_erasure (account_id, reason, announced_at, due_on)"
    " VALUES ((SELECT id FROM account), '{}', '2026-09-01', '2026-10-01')"
)


def test_announced_erasures_go_and_accounts_stay(database: Database) -> None:
    with database.writing() as session:
        make_account(session, "p.un")
    with database.engine.begin() as connection:
        for row in (MAIL.format(1, "merged"), MAIL.format(2, "erasure_coming"), ERASURE.format("unused")):
            connection.execute(text(row))
    schema.downgrade(database.engine, "0036")
    assert "account_erasure" not in inspect(database.engine).get_table_names()
    with database.engine.begin() as connection:
        assert connection.execute(text("SELECT kind FROM account_mail")).scalars().all() == ["merged"]
        assert connection.scalar(text("SELECT identifier FROM account")) == "p.un"
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text(MAIL.format(3, "erasure_coming")))
    schema.upgrade(database.engine)
    with database.engine.begin() as connection:
        connection.execute(text(MAIL.format(3, "erasure_coming")))
        connection.execute(text("DELETE FROM account_mail"))
        connection.execute(text(ERASURE.format("without_fiche")))
        connection.execute(text("DELETE FROM account"))
        assert connection.scalar(text("SELECT count(*) FROM account_erasure")) == 0


def test_an_erasure_has_a_known_reason(database: Database) -> None:
    with database.writing() as session:
        make_account(session, "p.un")
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text(ERASURE.format("ennui")))
