"""How a command that does nothing ends: a French sentence, as JSON too where that was asked for, and a status."""

import json
from typing import NoReturn

import click

from shared.refusals import Refusal, reason_of

REFUSED = 1
JSON_ASKED = "teleservices.json"
"""Where the context of a command says that it answers with JSON."""


def refuse(sentence: str) -> NoReturn:
    """Say why nothing was done, and end with status 1."""
    tell_as_json(sentence)
    click.echo(sentence, err=True)
    raise SystemExit(REFUSED)


def tell_as_json(sentence: str) -> None:
    """The same for scripts, on the standard output, where they asked for it: `{"error": …}`."""
    context = click.get_current_context(silent=True)
    if context is not None and context.meta.get(JSON_ASKED):
        click.echo(json.dumps({"error": sentence}, ensure_ascii=False))


def sentence_for(error: Exception) -> str | None:
    """What to tell a person of an error that is about the machine or the input; none of a fault of ours."""
    if isinstance(error, Refusal):
        return str(error)
    if isinstance(error, BrokenPipeError):
        # Whoever read went away: click ends quietly.
        return None
    if isinstance(error, OSError):
        where = f"{error.filename}\u00a0: " if error.filename else ""
        return f"{where}{reason_of(error)}."
    # Only a command that failed needs to know what a database that is away raises.
    from sqlalchemy.exc import OperationalError

    if isinstance(error, OperationalError):
        return f"La base de données ne répond pas\u00a0: {str(error.orig).strip().splitlines()[0]}"
    return None
