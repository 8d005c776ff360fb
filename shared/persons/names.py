"""Names of persons, folded so that spellings of one name compare equal. Pure functions."""

import re

from anyascii import anyascii

# SIECLE users write comments in names: « DUPONT (frère de Paul) ». An unclosed bracket runs to the end.
_OPENING = frozenset("([{")
_COMMENT = re.compile(r"[(\[{].*?(?:[)\]}]|$)")
_NOT_A_LETTER_OR_DIGIT = re.compile(r"[^a-z0-9]+")
LOST_CHARACTER = "?"


def without_comment(name: str) -> str:
    """The name without the words in brackets (R2)."""
    return " ".join(_COMMENT.sub(" ", name).split())


def fold(name: str) -> str:
    """Lower case, ASCII, words separated by one blank, comments dropped: `D'ARTAGNAN-Payét` → `d artagnan payet`."""
    if not name.isascii():
        name = anyascii(name)
    if not _OPENING.isdisjoint(name):
        name = without_comment(name)
    return _NOT_A_LETTER_OR_DIGIT.sub(" ", name.lower()).strip()


def name_key(last_name: str, first_name: str) -> str:
    """The key that lists of persons are sorted and searched by: last name, then first name."""
    return f"{fold(last_name)} {fold(first_name)}".strip()
