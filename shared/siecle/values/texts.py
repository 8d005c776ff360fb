"""Texts of a file without what nobody sees: blanks are single, and signs without a shape are gone. Pure functions."""

import re
from collections.abc import Iterable

from shared.persons.names import LOST_CHARACTER

_BEYOND_LATIN = re.compile("[\u0300-\U0010ffff]")
_UNKNOWN = "\ufffd"
"""What an editor writes for a byte that it could not read."""

# Zero-width and soft hyphens, marks that turn the writing around, controls, private signs, fillers: nobody types them.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)


def are_clean(texts: Iterable[str]) -> bool:
    """Whether `cleaned` would surely change none of these texts, looked at all at once."""
    joined = "|".join(texts)
    return (
        joined.isprintable()
        and (joined.isascii() or not _BEYOND_LATIN.search(joined))
        and (" " not in joined or _has_blanks_within_only(joined))
    )


def _has_blanks_within_only(joined: str) -> bool:
    return (
        "  " not in joined
        and " |" not in joined
        and "| " not in joined
        and not joined.startswith(" ")
        and not joined.endswith(" ")
    )


def cleaned(text: str) -> str:
    """The text with single blanks, whatever they were, and without invisible signs; a lost sign becomes `?`."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    text = " ".join(text.split())
    if _INVISIBLE.search(text):
        text = " ".join(_INVISIBLE.sub("", text).split())
    return text.replace(_UNKNOWN, LOST_CHARACTER)
