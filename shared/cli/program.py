"""What every command shares: settings and database opened once, one way to answer, one way to refuse."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from shared import clock, schema
from shared.accounts.credentials.key_trial import key_opens
from shared.accounts.credentials.sealing import SealBroken, Sealer
from shared.config import ConfigurationError, Settings, load_settings
from shared.database import Database
from shared.models.school import Establishment
from shared.notifications.campaigns.selection import UnknownDivision
from shared.siecle.invented import InventionRefused
from shared.siecle.report import ImportRefused
from shared.staff.creation import StaffRefused

REFUSED = 1

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class EstablishmentUnknown(Exception):
    """No establishment has this UAI; the message says what to do."""

    def __init__(self, uai: str) -> None:
        super().__init__(f"Aucun établissement {uai} dans la base : importez d'abord ses fichiers SIECLE.")


class SayingWhy(Exception):
    """Whatever a command refuses for a reason of its own; the message is for whoever typed it."""


REFUSALS = (
    ConfigurationError,
    EstablishmentUnknown,
    ImportRefused,
    InventionRefused,
    SayingWhy,
    SealBroken,
    StaffRefused,
    UnknownDivision,
    schema.SchemaOutOfDate,
)
"""What a person can put right: the message goes to the standard error, and the exit status is 1."""


class Program(click.Group):
    """Reads a command when it is asked for; turns refusals into a sentence and an exit status, not a traceback.

    Some processes are a command that needs little, and start in half the time without what the others need.
    """

    homes: Mapping[str, str] = {}
    """Where each command is written: a module of this package, and its name there."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order in which one needs them."""
        return list(self.homes)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        module, found, name = self.homes.get(cmd_name, "").partition(":")
        command: click.Command | None = getattr(import_module(f"{__package__}.{module}"), name) if found else None
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click declares it
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except REFUSALS as refused:
            refuse(str(refused))
        except OperationalError as broken:
            refuse(f"La base de données ne répond pas : {str(broken.orig).strip().splitlines()[0]}")


def refuse(sentence: str) -> NoReturn:
    """Say why nothing was done, and end with status 1."""
    click.echo(sentence, err=True)
    raise SystemExit(REFUSED)


class Installation:
    """The settings and the database of this process, opened when a command first needs them."""

    @cached_property
    def settings(self) -> Settings:
        """The settings, from the environment."""
        return load_settings()

    @cached_property
    def database(self) -> Database:
        """The database, with the tables of this version."""
        database = Database(self.settings.database)
        schema.require_up_to_date(database.engine)
        return database

    @cached_property
    def sealer(self) -> Sealer:
        """What seals and opens initial passwords."""
        return Sealer(self.settings.initial_password_keys)

    @property
    def now(self) -> datetime:
        """This instant."""
        return clock.now()

    @property
    def today(self) -> date:
        """The day it is in the académie."""
        return clock.local_date(self.now, self.settings.time_zone)


def warn_of_a_lost_key(installation: Installation) -> None:
    """Say on the standard error that what was sealed opens no more; go on, since everything else still works."""
    with installation.database.reading() as session:
        if not key_opens(session, installation.sealer):
            click.echo(f"Attention : {SealBroken()}", err=True)


pass_installation = click.make_pass_decorator(Installation)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="teleservices")
@click.pass_context
def teleservices(ctx: click.Context) -> None:
    """Administration des téléservices."""
    ctx.obj = Installation()


def json_option(command: Decorated) -> Decorated:
    """`--json`: one JSON object on the standard output, and nothing else there."""
    return click.option("--json", "as_json", is_flag=True, help="Répondre par un objet JSON.")(command)


def uai_option(*, required: bool = True) -> Callable[[Decorated], Decorated]:
    """`--uai`: which establishment."""
    return click.option("--uai", required=required, metavar="UAI", help="Établissement, par exemple 9740001A.")


def answer(as_json: bool, result: Mapping[str, Any], lines: Iterable[str]) -> None:
    """Print `result` as JSON, or else `lines`, in words."""
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, default=_as_text))
        return
    for line in lines:
        click.echo(line)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def establishment_id(session: Session, uai: str) -> int:
    """The number of the establishment whose UAI was given.

    Raises:
        EstablishmentUnknown: there is none.
    """
    found = session.scalar(select(Establishment.id).where(Establishment.uai == uai.upper()))
    if found is None:
        raise EstablishmentUnknown(uai)
    return found


def existing_file() -> click.Path:
    """A file that can be read."""
    return click.Path(exists=True, dir_okay=False, path_type=Path)
