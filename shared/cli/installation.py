"""What every command shares: settings and database opened once, one way to answer."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.accounts.credentials.key_trial import key_opens
from shared.accounts.credentials.sealing import SealBroken, Sealer
from shared.acting.desk import Desk
from shared.cli.refusing import JSON_ASKED
from shared.config import Settings, load_settings
from shared.database import Database
from shared.journal import COMMAND
from shared.migrations.version import require_up_to_date
from shared.models.school import Establishment
from shared.refusals import Refusal

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class EstablishmentUnknown(Refusal):
    """No establishment has this UAI; the message says what to do."""

    def __init__(self, uai: str) -> None:
        super().__init__(f"Aucun établissement {uai} dans la base : importez d'abord ses fichiers SIECLE.")


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
        require_up_to_date(database.engine)
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


pass_installation = click.make_pass_decorator(Installation, ensure=True)


def json_option(command: Decorated) -> Decorated:
    """`--json`: one JSON object on the standard output, and nothing else there."""
    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        is_eager=True,
        callback=_note_json,
        help="Répondre par un objet JSON, aussi pour dire une erreur.",
    )(command)


def _note_json(ctx: click.Context, _option: click.Parameter, is_asked: bool) -> bool:
    """Read before the other options, so that what is wrong with them is told as JSON as well."""
    ctx.meta[JSON_ASKED] = is_asked
    return is_asked


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


def desk_of(installation: Installation, session: Session, uai: str) -> Desk:
    """The desk of the establishment with this UAI, to which the command line comes."""
    return Desk(session, COMMAND, installation.now, establishment_id(session, uai), installation.today)


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
