"""Accounts and settings stay when the links of those without a letter come and go."""

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

BEFORE = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001H', 'Collège', '2026-09-01')",
    "INSERT INTO establishment_settings (establishment_id, welcome_message, contact_active, letter_type, version)"
    " VALUES (1, '', false, 'mixed', 1)",
    "INSERT INTO identifier (value, given_at) VALUES ('m.payet', '2026-09-01')",
    "INSERT INTO account (id, kind, identifier, state, password_hash, must_change_password, created_at)"
    " VALUES (1, 'guardian', 'm.payet', 'active', 'x', false, '2026-09-01')",
    "INSERT INTO account_mail (id, kind, account_id, recipient, details, created_at, delivery, attempts)"
    " VALUES (1, 'new_device', 1, 'm@example.org', '{}', '2026-09-01', 'sent', 0)",
)
AFTER = (
    "INSERT INTO self_activation (id, account_id, email, nonce, created_at, expires_at)"
    " VALUES (1, 1, 'm@example.org', 'x', '2026-09-01', '2026-09-04')",
    "INSERT INTO account_mail (id, kind, account_id, recipient, details, created_at, delivery, attempts)"
    " VALUES (2, 'self_activation', 1, 'm@example.org', '{}', '2026-09-01', 'sent', 0)",
)


def test_what_was_there_stays_both_ways(database: Database) -> None:
    schema.downgrade(database.engine, "0035")
    with database.engine.begin() as connection:
        for row in BEFORE:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0036")
    with database.engine.begin() as connection:
        for row in AFTER:
            connection.execute(text(row))
        open_to = connection.execute(
            text("SELECT self_activation, activated_alone FROM establishment_settings, account")
        ).one()
        assert [bool(value) for value in open_to] == [True, False]
    schema.downgrade(database.engine, "0035")
    with database.engine.connect() as connection:
        assert connection.scalars(text("SELECT id FROM account_mail")).all() == [1]
        assert connection.scalar(text("SELECT COUNT(*) FROM account")) == 1
        assert connection.scalar(text("SELECT COUNT(*) FROM establishment_settings")) == 1
    assert "self_activation" not in inspect(database.engine).get_table_names()
    schema.upgrade(database.engine)


def test_a_proof_has_its_instant(database: Database) -> None:
    with database.engine.begin() as connection:
        for row in (*BEFORE, AFTER[0]):
            connection.execute(text(row))
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text("UPDATE self_activation SET proof_hash = 'x'"))
