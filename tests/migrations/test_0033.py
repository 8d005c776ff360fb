"""Who took letters before is known from the journal, and what a school had chosen counts as settled; there and back."""

from sqlalchemy import text

from shared import schema
from shared.database import Database

SETTINGS = (
    "INSERT INTO establishment_settings (establishment_id, welcome_message, contact_active, contact_email, letter_type,"
    " ent_label, ent_url, version) VALUES ({}, '{}', {}, {}, 'mixed', {}, {}, 1)"
)
CAMPAIGN = (
    "INSERT INTO campaign (id, establishment_id, request_key, title, mode, criteria, created_at)"
    " VALUES ({0}, 1, 'k{0}', 'Responsables', 'paper', '{{}}', '2026-09-01')"
)
EVENT = (
    "INSERT INTO journal_event (at, action, actor_kind, actor_name, establishment_id, subject, details)"
    " VALUES ('2026-09-0{}', 'letters_downloaded', 'staff', '{}', 1, '', '{{\"campaign\": {}}}')"
)
ROWS = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'A', '2026-09-01')",
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (2, '9740002B', 'B', '2026-09-01')",
    SETTINGS.format(1, "Bonjour", "true", "'ce@exemple.fr'", "'METICE'", "'https://metice.example.org'"),
    SETTINGS.format(2, "", "false", "NULL", "NULL", "NULL"),
    CAMPAIGN.format(1),
    CAMPAIGN.format(2),
    EVENT.format(2, "Anne Chef", 1),
    EVENT.format(3, "Paul Adjoint", 1),
    # Its campaign was erased since.
    EVENT.format(4, "Paul Adjoint", 99),
)
CHOSEN = (
    "SELECT welcome_settled_at IS NOT NULL, ent_settled_at IS NOT NULL, contact_settled_at IS NOT NULL,"
    " ent_tried_at IS NOT NULL, ent_leads_here FROM establishment_settings ORDER BY establishment_id"
)
TAKEN = "SELECT letters_downloaded_by, letters_downloaded_at IS NOT NULL FROM campaign ORDER BY id"


def read(database: Database, query: str) -> list[tuple[object, ...]]:
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_what_was_done_before_is_known(database: Database) -> None:
    schema.downgrade(database.engine, "0032")
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0033")
    assert read(database, TAKEN) == [("Paul Adjoint", True), (None, False)]
    assert [tuple(map(bool, row)) for row in read(database, CHOSEN)] == [
        (True, True, True, False, False),
        (False, False, False, False, False),
    ]
    schema.downgrade(database.engine, "0032")
    schema.upgrade(database.engine)
    assert read(database, "SELECT count(*) FROM campaign") == [(2,)]
    assert read(database, "SELECT version FROM establishment_settings") == [(1,), (1,)]


def test_a_program_of_before_writes_as_it_did(database: Database) -> None:
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    assert read(database, "SELECT count(*) FROM establishment_settings WHERE NOT ent_leads_here") == [(2,)]
