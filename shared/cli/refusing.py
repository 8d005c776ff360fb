"""How a command that does nothing ends: a French sentence, as JSON too where that was asked for, and a status."""

import json
from typing import NoReturn

import click

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
