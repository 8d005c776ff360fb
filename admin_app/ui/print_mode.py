"""« Impression »: the same page made for paper, with lists that go on instead of stopping after fifty lines (R26)."""

from urllib.parse import urlencode

from flask import request

PRINTED = "imprimer"
PRINTED_ROWS = 2_000
"""Forty sheets or so: what is longer is printed by parts, or exported."""


def is_printed() -> bool:
    """Whether the page is asked for in its version for paper."""
    return PRINTED in request.args


def page_rows(on_screen: int) -> int:
    """How many lines a list shows at once."""
    return PRINTED_ROWS if is_printed() else on_screen


def printed_address() -> str:
    """The version for paper of the page being looked at."""
    return _here({**request.args.to_dict(flat=False), PRINTED: ["1"]})


def screen_address() -> str:
    """The page being looked at, as on the screen."""
    return _here({name: values for name, values in request.args.to_dict(flat=False).items() if name != PRINTED})


def _here(arguments: dict[str, list[str]]) -> str:
    query = urlencode(arguments, doseq=True)
    return f"{request.script_root}{request.path}{'?' if query else ''}{query}"
