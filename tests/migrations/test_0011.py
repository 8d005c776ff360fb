"""The list of ENTs comes and goes; what families were shown of the ENT of their school stays."""

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

SCHOOLS = "INSERT INTO establishment (id, uai, name, created_at) VALUES ({0}, '974000{0}A', 'A', '2026-09-01')"
SETTINGS = (
    "INSERT INTO establishment_settings"
    " (establishment_id, welcome_message, contact_active, letter_type, ent_label, ent_url, version)"
    " VALUES ({}, 'Bonjour', false, '{}', {}, {}, 3)"
)
METICE = "'METICE', 'https://metice.example.org'"
SHOWN = text(
    "SELECT establishment_id, letter_type, ent_label, ent_url, welcome_message, version"
    " FROM establishment_settings ORDER BY 1"
)


def do(database: Database, *statements: str) -> None:
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def shown(database: Database) -> list[tuple[object, ...]]:
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(SHOWN)]


def test_what_schools_typed_or_chose_stays_when_the_list_comes_and_goes(database: Database) -> None:
    schema.downgrade(database.engine, "0010")
    do(database, *(SCHOOLS.format(number) for number in (1, 2, 3)))
    do(database, SETTINGS.format(1, "ent_only", "'L''ENT'", "'https://ent.fr'"))
    do(database, SETTINGS.format(2, "mixed", "NULL", "NULL"), SETTINGS.format(3, "ent_only", "'Sans adresse'", "NULL"))
    schema.upgrade(database.engine, "0011")
    typed = (1, "ent_only", "L'ENT", "https://ent.fr", "Bonjour", 3)
    assert shown(database) == [
        typed,
        (2, "mixed", None, None, "Bonjour", 3),
        (3, "mixed", None, None, "Bonjour", 3),
    ]
    do(database, f"INSERT INTO ent_link (id, label, url) VALUES (7, {METICE})")
    do(
        database,
        "UPDATE establishment_settings SET ent_link_id = 7, letter_type = 'ent_only' WHERE establishment_id = 2",
    )
    schema.downgrade(database.engine, "0010")
    assert shown(database)[:2] == [typed, (2, "ent_only", "METICE", "https://metice.example.org", "Bonjour", 3)]
    assert "ent_link" not in inspect(database.engine).get_table_names()
    with pytest.raises(IntegrityError):
        do(database, "UPDATE establishment_settings SET letter_type = 'unheard_of'")
    schema.upgrade(database.engine)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE establishment_settings SET ent_link_id = 7, ent_label = 'x', ent_url = 'https://x.fr'",
        "UPDATE establishment_settings SET ent_link_id = 8",
        "UPDATE establishment_settings SET ent_label = 'x', ent_url = 'javascript:alert(1)'",
        "UPDATE establishment_settings SET ent_label = 'x'",
        "UPDATE establishment_settings SET letter_type = 'ent_only'",
        "UPDATE establishment_settings SET letter_type = 'unheard_of'",
        "UPDATE establishment_settings SET contact_active = true",
        "UPDATE ent_link SET url = 'javascript:alert(1)'",
        f"INSERT INTO ent_link (id, label, url) VALUES (8, {METICE})",
        "UPDATE establishment_settings SET ent_link_id = 7; DELETE FROM ent_link",
    ],
)
def test_the_tables_refuse_what_no_rule_would_write(database: Database, statement: str) -> None:
    do(database, SCHOOLS.format(1), SETTINGS.format(1, "mixed", "NULL", "NULL"))
    do(database, f"INSERT INTO ent_link (id, label, url) VALUES (7, {METICE})")
    with pytest.raises(IntegrityError):
        do(database, *statement.split("; "))
