"""What the portal keeps of ENTs comes and goes; establishments that chose one let families enter it."""

from sqlalchemy import inspect, text

from shared import schema
from shared.database import Database

ROWS = (
    "INSERT INTO identifier (value, given_at) VALUES ('m.payet', '2026-09-01')",
    "INSERT INTO account (id, kind, identifier, state, password_hash, must_change_password, created_at)"
    " VALUES (1, 'guardian', 'm.payet', 'active', 'x', false, '2026-09-01')",
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001H', 'Collège', '2026-09-01')",
    "INSERT INTO ent_link (id, label, url) VALUES (1, 'METICE', 'https://metice.example.org')",
    "INSERT INTO establishment_settings (establishment_id, welcome_message, contact_active, letter_type, version,"
    " ent_link_id) VALUES (1, 'Bonjour', false, 'mixed', 1, 1)",
)
CONNECTED = (
    "INSERT INTO ent_key (id, name, private, certificate, created_at, signs_from)"
    " VALUES (1, 'k', 'x', 'x', '2026-09-01', '2026-09-01')",
    "INSERT INTO ent_service (id, ent_link_id, entity_id, consumers, consumer_indexes, certificates, pairwise_key,"
    " created_at) VALUES (1, 1, 'https://metice.example.org', '[]', '[]', '[]', 'x', '2026-09-01')",
    "INSERT INTO ent_consent (id, account_id, ent_service_id, students, given_at, used_at)"
    " VALUES (1, 1, 1, '[]', '2026-09-01', '2026-09-01')",
    "INSERT INTO ent_entry (id, ent_service_id, account_id, request_id, session_hash, session_index, expires_at)"
    " VALUES (1, 1, 1, '_1', 'h', 's', '2026-09-01')",
)


def test_the_tables_of_ents_come_and_go_and_the_others_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0044")
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0045")
    with database.engine.begin() as connection:
        for row in CONNECTED:
            connection.execute(text(row))
        assert connection.scalars(text("SELECT is_open FROM ent_service")).all() == [False]
        assert connection.scalars(text("SELECT ent_is_open FROM establishment_settings")).all() == [True]
    schema.downgrade(database.engine, "0044")
    names = inspect(database.engine).get_table_names()
    assert [name for name in names if name.startswith("ent_")] == ["ent_link"]
    with database.engine.connect() as connection:
        assert connection.scalars(text("SELECT identifier FROM account")).all() == ["m.payet"]
        assert connection.scalars(text("SELECT label FROM ent_link")).all() == ["METICE"]
        assert connection.scalars(text("SELECT welcome_message FROM establishment_settings")).all() == ["Bonjour"]
    schema.upgrade(database.engine, "0045")
    with database.engine.connect() as connection:
        assert connection.scalars(text("SELECT id FROM ent_service")).all() == []
