"""Settings stay when the switch of SMS comes and goes; a school that said nothing sends them."""

from sqlalchemy import inspect, text

from shared import schema
from shared.database import Database

BEFORE = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001H', 'Collège', '2026-09-01')",
    "INSERT INTO establishment_settings (establishment_id, welcome_message, contact_active, letter_type, version)"
    " VALUES (1, 'Bonjour', false, 'mixed', 4)",
)
SETTINGS = "SELECT welcome_message, version FROM establishment_settings"


def test_settings_stay_both_ways_and_sms_are_sent_until_a_school_says_not(database: Database) -> None:
    schema.downgrade(database.engine, "0049")
    with database.engine.begin() as connection:
        for row in BEFORE:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0050")
    with database.engine.begin() as connection:
        assert bool(connection.scalar(text("SELECT sends_sms FROM establishment_settings")))
        connection.execute(text("UPDATE establishment_settings SET sends_sms = false"))
    schema.downgrade(database.engine, "0049")
    with database.engine.connect() as connection:
        assert tuple(connection.execute(text(SETTINGS)).one()) == ("Bonjour", 4)
        assert "sends_sms" not in {one["name"] for one in inspect(connection).get_columns("establishment_settings")}
    schema.upgrade(database.engine)
