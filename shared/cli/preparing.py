"""Commands that change the tables: `init-db`, `downgrade` (R38)."""

from pathlib import Path

import click

from shared import schema
from shared.cli.installation import Installation, answer, json_option, pass_installation
from shared.database import Database
from shared.establishments.services import fill_catalogue
from shared.migrations.version import known_revisions, require_not_newer, revision_of
from shared.private_files import QUEUE_FILE, take_from_others
from shared.refusals import Refusal


def prepare_database(installation: Installation) -> None:
    """Create or upgrade the tables, and fill an empty catalogue of téléservices.

    Two at once wait for each other. Files of the versions before, which everybody on the machine could read, are taken
    from the others.
    """
    database = Database(installation.settings.database)
    with schema.alone(database.engine):
        require_not_newer(database.engine)
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


class NoWayBack(Refusal):
    """The tables cannot go back to that; the message says why."""


@click.command()
@click.option("--to", "revision", required=True, metavar="N", help="Tables à retrouver, par leur numéro (0034).")
@click.option("--yes", is_flag=True, help="Le faire vraiment : ce que les tables plus récentes ont de plus est perdu.")
@json_option
@pass_installation
def downgrade(installation: Installation, revision: str, yes: bool, as_json: bool) -> None:
    """Ramener la base aux tables d'une version précédente ; sans --yes, dire seulement ce qui serait défait."""
    database = Database(installation.settings.database)
    with schema.alone(database.engine):
        require_not_newer(database.engine)
        undone = _between(database, revision)
        if yes:
            schema.downgrade(database.engine, revision)
    database.dispose()
    ending = (
        f"C'est fait : tables {revision}." if yes else "Rien n'a changé. Copiez la base (backup), puis ajoutez --yes."
    )
    answer(as_json, {"undone": undone, "done": yes}, [f"Changements à défaire : {', '.join(undone)}.", ending])


def _between(database: Database, revision: str) -> list[str]:
    """The revisions to undo, newest first.

    Raises:
        NoWayBack: there is none of that number, or the tables are not beyond it.
    """
    with database.engine.connect() as connection:
        present = revision_of(connection)
    if revision not in known_revisions():
        raise NoWayBack(f"Aucune version n'a les tables {revision}\u00a0: de {known_revisions()[-1]} à {present}.")
    undone = [one for one in known_revisions() if present is not None and revision < one <= present]
    if not undone:
        raise NoWayBack(
            f"La base n'est pas plus récente que les tables {revision}\u00a0: elle a {present or 'aucune table'}."
        )
    return undone
