"""Commands that save and restore: `backup`, `restore`, `hold`, `release` (R38)."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from shared.cli.installation import Installation, answer, json_option, pass_installation, warn_of_a_lost_key
from shared.database import Database
from shared.french import count
from shared.models.accounts import IDENTIFIER_LENGTH
from shared.models.notifications import Channel
from shared.notifications.channels.registry import CHANNELS
from shared.saving.aftermath import GAP, Given, hold_everything
from shared.saving.making import make_copy
from shared.saving.putting_back import put_copy_back
from shared.saving.refusals import SavingRefused
from shared.saving.release import Waiting, release, what_waits

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

LARGEST_LIST = 50 * 1024**2
SHOWN = 20
_IDENTIFIER = re.compile(rf"[a-z0-9.]{{1,{IDENTIFIER_LENGTH}}}")
KEYS = "Les clés n'y sont pas : gardez SECRET_KEY et INITIAL_PASSWORD_KEY ailleurs que cette copie."
HELD = (
    "Tout ce qui attendait est retenu, et tout le monde est déconnecté. « teleservices release » dit ce qui partirait "
    "de nouveau."
)


def given_options(command: Decorated) -> Decorated:
    """`--given` and `--gap`: how identifiers given after the copy are kept from being given again."""
    listed = click.option(
        "--given",
        "listed",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Fichier des identifiants donnés depuis la copie, un par ligne : ils ne le seront plus à personne.",
    )
    gap = click.option(
        "--gap",
        type=click.IntRange(1, 1_000_000),
        default=GAP,
        show_default=True,
        help="Sans --given : nombre d'identifiants sautés pour chaque nom.",
    )
    return listed(gap(command))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
@pass_installation
def backup(installation: Installation, folder: Path, as_json: bool) -> None:
    """Copier la base, les fichiers en attente et le thème dans un dossier nouveau, pendant que tout tourne."""
    database = Database(installation.settings.database)
    size = make_copy(database, installation.settings, folder, installation.now)
    database.dispose()
    lines = [f"La copie est dans {folder} ({size / 2**20:.1f} Mo), vérifiée.", KEYS]
    answer(as_json, {"folder": str(folder), "bytes": size}, lines)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@given_options
@json_option
@pass_installation
def restore(installation: Installation, folder: Path, listed: Path | None, gap: int, as_json: bool) -> None:
    """Remettre une copie dans une base vide ; ce qui attendait est retenu jusqu'à « release »."""
    manifest = put_copy_back(installation.settings, folder, _given(listed, gap), installation.now)
    result = {"made_at": manifest.made_at, "held": True}
    answer(as_json, result, [f"La copie du {manifest.instant:%d/%m/%Y %H:%M} (UTC) est restaurée.", HELD])
    if installation.settings.initial_password_key is not None:
        warn_of_a_lost_key(installation)


@click.command()
@given_options
@json_option
@pass_installation
def hold(installation: Installation, listed: Path | None, gap: int, as_json: bool) -> None:
    """Retenir ce qui attend, après une restauration faite autrement (pgBackRest, machine virtuelle)."""
    given = _given(listed, gap)
    with installation.database.writing() as session:
        hold_everything(session, given, installation.now, None)
    answer(as_json, {"held": True}, [HELD])


@click.command("release")
@click.option("--yes", is_flag=True, help="Relâcher : ce qui est listé part.")
@click.option(
    "--drop", is_flag=True, help="Relâcher, sans envoyer les courriels et courriers qui étaient dans la copie."
)
@json_option
@pass_installation
def release_command(installation: Installation, yes: bool, drop: bool, as_json: bool) -> None:
    """Dire ce qui partirait de nouveau après une restauration ; avec --yes ou --drop, relâcher."""
    if yes and drop:
        raise click.UsageError("Choisissez entre --yes et --drop.")
    with installation.database.reading() as session:
        waiting = what_waits(session)
    dropped = 0
    if yes or drop:
        with installation.database.writing() as session:
            dropped = release(session, installation.now, drop=drop)
    result = {
        "released": yes or drop,
        "dropped": dropped,
        "campaigns": [{**vars(one), "created_at": one.created_at.isoformat()} for one in waiting.campaigns],
        "portal_mails": waiting.portal_mails,
        "imports": waiting.imports,
    }
    answer(as_json, result, [*_in_words(waiting), _ending(dropped, yes=yes, drop=drop)])


def _in_words(waiting: Waiting) -> Iterator[str]:
    since = waiting.restoration.copied_at or waiting.restoration.restored_at
    yield f"Attendaient dans la base, telle qu'elle était le {since:%d/%m/%Y %H:%M} (UTC) :"
    for one in waiting.campaigns[:SHOWN]:
        noun = CHANNELS[Channel(one.channel)].words.noun
        yield f"  {one.uai}, « {one.title} » du {one.created_at:%d/%m/%Y} : {count(one.rows, noun.one, noun.many)}"
    if more := waiting.campaigns[SHOWN:]:
        yield f"  … et {count(len(more), 'autre notification', 'autres notifications')} (toutes avec --json)"
    yield f"  {count(waiting.portal_mails, 'courriel')} du portail et de l'administration"
    yield f"  {count(waiting.imports, 'import')}"


def _ending(dropped: int, *, yes: bool, drop: bool) -> str:
    if drop:
        return f"Relâché : {count(dropped, 'envoi écarté', 'envois écartés')}, le reste part."
    if yes:
        return "Relâché : tout cela part maintenant."
    return "Rien n'est parti. --yes envoie tout ; --drop écarte les envois de cette liste et relâche le reste."


def _given(listed: Path | None, gap: int) -> Given:
    if listed is None:
        return Given(gap=gap)
    if listed.stat().st_size > LARGEST_LIST:
        raise SavingRefused(f"{listed} est trop gros : {LARGEST_LIST // 2**20} Mo au plus.")
    identifiers = set()
    for number, line in enumerate(listed.read_text("utf-8", errors="replace").splitlines(), 1):
        if not (identifier := line.strip()):
            continue
        if not _IDENTIFIER.fullmatch(identifier):
            raise SavingRefused(f"{listed}, ligne {number} : ce n'est pas un identifiant. Rien n'a changé.")
        identifiers.add(identifier)
    return Given(frozenset(identifiers))
