"""Téléservices get the classes that they are for; the catalogue stays, both ways."""

import pytest
from sqlalchemy import text

from shared import schema
from shared.database import Database
from tests.migrations.test_0054 import write

SERVICE = (
    "INSERT INTO teleservice (id, code, label, description, url, mandatory, open_by_default, audience, position)"
    " VALUES ({0}, '{1}', 'Un téléservice', '', 'https://exemple.fr', {2}, {2}, 'both', {0})"
)


def levels(database: Database) -> list[str]:
    with database.engine.connect() as connection:
        return list(connection.scalars(text("SELECT levels FROM teleservice ORDER BY id")))


@pytest.mark.both_databases
def test_levels_come_and_go_and_the_catalogue_stays(database: Database) -> None:
    schema.downgrade(database.engine, "0056")
    write(database, SERVICE.format(1, "bourse-lycee", "true"), SERVICE.format(2, "notes", "false"))
    schema.upgrade(database.engine, "0057")
    # What the previous version writes says nothing of levels.
    write(database, SERVICE.format(3, "repas", "true"))
    told = [str(one).replace('"', "'") for one in levels(database)]
    assert told == ["['3e', '2de', '1re', 'Terminale']", "[]", "[]"]
    schema.downgrade(database.engine, "0056")
    schema.upgrade(database.engine)
    assert len(levels(database)) == 3
