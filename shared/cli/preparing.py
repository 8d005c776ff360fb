"""The command `init-db`."""

from pathlib import Path

import click

from shared import schema
from shared.cli.installation import Installation, answer, json_option, pass_installation
from shared.database import Database
from shared.establishments.services import fill_catalogue
from shared.private_files import QUEUE_FILE, take_from_others


def prepare_database(installation: Installation) -> None:
    """Create or upgrade the tables, and fill an empty catalogue of téléservices.

    Files of the versions before, which everybody on the machine could read, are taken from the others.
    """
    database = Database(installation.settings.database)
    schema.upgrade(database.engine)
    if database.engine.url.database and database.engine.dialect.name == "sqlite":
        take_from_others(Path(database.engine.url.database))
    take_from_others(installation.settings.var_dir / QUEUE_FILE)
    with database.writing() as session:
        fill_catalogue(session)
    database.dispose()


@click.command("init-db")
@json_option
@pass_installation
def init_db(installation: Installation, as_json: bool) -> None:
    """Créer la base de données, ou la mettre à jour."""
    prepare_database(installation)
    answer(as_json, {"ready": True}, ["La base de données est prête."])
