"""Names of persons, folded so that spellings of one name compare equal. Pure functions."""

import re

from anyascii import anyascii

from shared.models.school import NameFlag

# SIECLE users write comments in names: « DUPONT (frère de Paul) ». An unclosed bracket runs to the end.
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
    return _NOT_A_LETTER_OR_DIGIT.sub(" ", without_comment(name).lower()).strip()


def name_key(last_name: str, first_name: str) -> str:
    """The key that lists of persons are sorted and searched by: last name, then first name."""
    return f"{fold(last_name)} {fold(first_name)}".strip()


def name_flag(*names: str | None, first_name: str | None) -> NameFlag | None:
    """Why these names need a correction in the school base; none when they look right."""
    written = [name for name in (*names, first_name) if name]
    if any(_COMMENT.search(name) for name in written):
        return NameFlag.COMMENT
    if any(LOST_CHARACTER in name for name in written):
        return NameFlag.LOST_CHARACTER
    if any(character.isdigit() for name in written for character in name):
        return NameFlag.DIGITS
    return None if first_name and fold(first_name) else NameFlag.NO_FIRST_NAME
