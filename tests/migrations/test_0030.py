"""Providers, and what they said, go; sessions opened by a password stay."""

from sqlalchemy import inspect, text

from shared import schema
from shared.database import Database

ROWS = (
    "INSERT INTO staff (id, login, name, password_hash, must_change_password, created_at)"
    " VALUES (1, 'chef', 'Chef', 'x', false, '2026-09-01')",
    "INSERT INTO staff_session (id, token_hash, staff_id, created_at, expires_at)"
    " VALUES (1, 'a', 1, '2026-09-01', '2026-09-02')",
)
PROVIDED = (
    "INSERT INTO identity_provider (id, kind, name, address, position, trust, created_at)"
    " VALUES (1, 'cas', 'ENT', 'https://ent.example.org', 1, '{}', '2026-09-01')",
    "INSERT INTO staff_identity (staff_id, provider_id, subject, came_in_at) VALUES (1, 1, 's', '2026-09-01')",
    "INSERT INTO provided_role (staff_id, provider_id, kind, tabs) VALUES (1, 1, 'academy', '[]')",
    "UPDATE staff_session SET provider_id = 1, provider_session = 'ST-1'",
)


def test_providers_come_and_go_and_sessions_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0029")
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0030")
    with database.engine.begin() as connection:
        for row in PROVIDED:
            connection.execute(text(row))
    schema.downgrade(database.engine, "0029")
    with database.engine.connect() as connection:
        assert connection.scalars(text("SELECT token_hash FROM staff_session")).all() == ["a"]
    assert "identity_provider" not in inspect(database.engine).get_table_names()
    schema.upgrade(database.engine, "0030")
    with database.engine.connect() as connection:
        assert connection.scalars(text("SELECT provider_id FROM staff_session")).all() == [None]
