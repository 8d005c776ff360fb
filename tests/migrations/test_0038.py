"""What the portal keeps as a provider comes and goes; téléservices and accounts stay."""

from sqlalchemy import inspect, text

from shared import schema
from shared.database import Database

ROWS = (
    "INSERT INTO identifier (value, given_at) VALUES ('m.payet', '2026-09-01')",
    "INSERT INTO account (id, kind, identifier, state, password_hash, must_change_password, created_at)"
    " VALUES (1, 'guardian', 'm.payet', 'active', 'x', false, '2026-09-01')",
    "INSERT INTO teleservice (id, code, label, description, url, mandatory, open_by_default, audience, position)"
    " VALUES (1, 'b', 'Bourse', '', 'https://b.example.org', false, true, 'both', 1)",
)
PROVIDED = (
    "INSERT INTO openid_key (id, name, private, public, created_at, signs_from)"
    " VALUES (1, 'k', 'x', '{}', '2026-09-01', '2026-09-01')",
    "INSERT INTO openid_client (id, teleservice_id, client_id, secret_hash, pairwise_key, return_addresses,"
    " after_logout_addresses, data, created_at) VALUES (1, 1, 'c', 'h', 'x', '[]', '[]', '[]', '2026-09-01')",
    "INSERT INTO openid_consent (id, account_id, openid_client_id, data, students, given_at, used_at)"
    " VALUES (1, 1, 1, '[]', '[]', '2026-09-01', '2026-09-01')",
    "INSERT INTO openid_login (id, sid, openid_client_id, account_id, session_hash, expires_at)"
    " VALUES (1, 's', 1, 1, 'h', '2026-09-01')",
    "INSERT INTO openid_pass (openid_login_id, code_hash, return_address, data, challenge, proved_at, way, code_until)"
    " VALUES (1, 'h', 'https://b.example.org', '[]', 'c', '2026-09-01', 'pwd', '2026-09-01')",
)


def test_the_tables_of_the_provider_come_and_go_and_the_others_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0037")
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0038")
    with database.engine.begin() as connection:
        for row in PROVIDED:
            connection.execute(text(row))
        assert connection.scalars(text("SELECT is_open FROM openid_client")).all() == [False]
    schema.downgrade(database.engine, "0037")
    assert not [name for name in inspect(database.engine).get_table_names() if name.startswith("openid")]
    with database.engine.connect() as connection:
        assert connection.scalars(text("SELECT identifier FROM account")).all() == ["m.payet"]
        assert connection.scalars(text("SELECT label FROM teleservice")).all() == ["Bourse"]
    schema.upgrade(database.engine, "0038")
    with database.engine.connect() as connection:
        assert connection.scalars(text("SELECT id FROM openid_client")).all() == []
