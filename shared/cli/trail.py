"""The `journal` command: every event of the académie, once, for whoever keeps logs elsewhere (R27)."""

import json
import logging
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import DBAPIError

from shared.cli.installation import Installation, json_option, pass_installation
from shared.journal import last_event_id
from shared.logs.discretion import what
from shared.logs.outage import Outage
from shared.models.journal import JournalEvent
from shared.refusals import Refusal
from shared.watching.journal_order import InOrder

EVENTS_AT_ONCE = 500
SECONDS_BETWEEN_LOOKS = 1.0

log = logging.getLogger(__name__)


class CursorRefused(Refusal):
    """The file of the cursor does not hold the number of an event; the message says what to do."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} ne contient pas le numéro d'un événement\u00a0: supprimez-le pour reprendre le journal au début, "
            "ou donnez un autre fichier."
        )


@click.command()
@click.option("--follow", is_flag=True, help="Attendre les événements suivants, jusqu'à ce qu'on l'arrête.")
@click.option("--after", type=click.IntRange(min=0), help="Commencer après l'événement de ce numéro.")
@click.option("--new", "only_new", is_flag=True, help="Commencer après le dernier événement du moment.")
@click.option(
    "--cursor",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Fichier où est noté le dernier événement écrit, et d'où reprendre.",
)
@json_option
@pass_installation
def journal(
    installation: Installation, follow: bool, after: int | None, only_new: bool, cursor: Path | None, as_json: bool
) -> None:
    """Écrire le journal de toute l'académie, du plus ancien au plus récent, une ligne par événement."""
    if sum((after is not None, only_new, cursor is not None)) > 1:
        raise click.UsageError("Choisissez entre --after, --new et --cursor.")
    stopping = threading.Event()
    if follow:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
    last = _beginning(installation, after, only_new, cursor)
    if cursor is not None:
        # A place that takes no note is told of now, and not once everything was written out for nothing.
        _note(cursor, last)
    for page in _pages(installation, last, stopping, follow=follow):
        for event in page:
            # Each is flushed: only what was taken is noted, and who dies in between gets some twice and loses none.
            click.echo(json.dumps(_fields(event), ensure_ascii=False) if as_json else _line(event))
        if cursor is not None:
            _note(cursor, page[-1].id)


def _beginning(installation: Installation, after: int | None, only_new: bool, cursor: Path | None) -> int:
    if only_new:
        with installation.database.reading() as session:
            return last_event_id(session)
    if cursor is None or not cursor.exists():
        return after or 0
    try:
        return int(cursor.read_text("ascii"))
    except ValueError:
        raise CursorRefused(cursor) from None


def _pages(
    installation: Installation, last: int, stopping: threading.Event, *, follow: bool
) -> Iterator[list[JournalEvent]]:
    outage = Outage(log, "the database", "the journal goes on where it stood when it is back")
    events, database, nothing = InOrder(last), installation.database, 0
    while not stopping.is_set():
        try:
            with database.reading() as session:
                page = events.next_page(session, EVENTS_AT_ONCE)
            outage.worked()
        except DBAPIError as error:
            if not follow:
                raise
            outage.failed(what(error))
            page = []
        if page:
            yield page
        elif follow:
            stopping.wait(SECONDS_BETWEEN_LOOKS)
        elif nothing:
            # A second look tells whether a number that was missing is still to come.
            return
        nothing = 0 if page else nothing + 1


def _fields(event: JournalEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "action": event.action,
        "actor": {"kind": event.actor_kind, "id": event.actor_id, "name": event.actor_name},
        "address": event.address,
        "establishment_id": event.establishment_id,
        "account_id": event.account_id,
        "subject": event.subject,
        "details": event.details,
    }


def _line(event: JournalEvent) -> str:
    where = f" depuis {event.address}" if event.address else ""
    return f"{event.id} {event.at.isoformat()} {event.action} {event.subject!r} par {event.actor_name!r}{where}"


def _note(cursor: Path, last: int) -> None:
    """Put the number in the place of the former one: half of it is never there."""
    written = cursor.with_name(f".{cursor.name}.new")
    try:
        written.write_text(str(last), "ascii")
        written.replace(cursor)
    except OSError as error:
        error.filename = str(cursor)
        raise
