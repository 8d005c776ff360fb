"""What is a name and what is a remark in a text that staff wrote where a name was due. Pure functions."""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from anyascii import anyascii

from shared.persons.remarks import is_placeholder, is_remark, remark_in

_OPENING = frozenset("([{<«“„‹（［｛⟨")
_CLOSING = frozenset(")]}>»”›）］｝⟩")
_QUOTE = '"'
_AROUND_REMARKS = _OPENING | _CLOSING | {_QUOTE}
_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lo"})
_BETWEEN = " \t-–—/\\*,;:|=_~#!"
"""What parts a name from a remark, and is left over when the remark is gone."""


class NameParts(NamedTuple):
    """The parts of one text."""

    name: str
    """Empty when nothing in it is a name."""
    remarks: tuple[str, ...]
    """What was written beside, without its brackets."""


@lru_cache(maxsize=16_384)
def parts_of(written: str) -> NameParts:
    """The name in `written`, and the remarks beside it: `HOARAU (DECEDE)` → `HOARAU` and `DECEDE`.

    What stands in brackets of any kind is a remark, unless the only name stands there; so are words that are in no name
    (`DCD`, `NE PAS CONTACTER`). What has no letter, or stands for an unknown name (`INCONNU`, `XXX`), is no name.
    """
    outside, inside = _apart(written)
    name, remarks = _without_remarks(outside)
    found = [*inside, *remarks]
    if not is_name(name):
        name = ""
        for words in inside:
            candidate, more = _without_remarks(words)
            if is_name(candidate) and not is_remark(candidate):
                found.remove(words)
                return NameParts(candidate, (*more, *found))
    return NameParts(name, tuple(found))


@lru_cache(maxsize=16_384)
def is_name(text: str) -> bool:
    """Whether a text can be a name: it has a letter, and does not stand for a name that nobody knew."""
    return any(map(_is_letter, text)) and not is_placeholder(text)


def _is_letter(character: str) -> bool:
    if character.isascii():
        return character.isalpha()
    if unicodedata.category(character) not in _LETTERS:
        return False
    # Marks that some languages count among the letters are apostrophes here.
    return any(sign.isalnum() for sign in anyascii(character) or "a")


def _apart(written: str) -> tuple[str, list[str]]:
    """What stands in no brackets, and what stands in each pair; those that are not closed run to the end."""
    if _AROUND_REMARKS.isdisjoint(written):
        return written, []
    outside: list[str] = []
    inside: list[list[str]] = []
    depth, quoted = 0, False
    for character in written:
        is_end = character in _CLOSING or (character == _QUOTE and quoted)
        if character in _OPENING or (character == _QUOTE and not quoted):
            if depth == 0:
                inside.append([])
                outside.append(" ")
            depth += 1
            quoted = quoted or character == _QUOTE
        elif is_end:
            depth = max(0, depth - 1)
            quoted = quoted and character != _QUOTE
        (inside[-1] if depth else outside).append(" " if is_end or character in _OPENING | {_QUOTE} else character)
    return "".join(outside), [words for part in inside if (words := _trimmed("".join(part)))]


def _without_remarks(text: str) -> tuple[str, list[str]]:
    remarks = []
    text = _trimmed(text)
    # What was kept apart by a remark may make another when it is gone.
    while (place := remark_in(text)) is not None:
        start, end = place
        remarks.append(_trimmed(text[start:end]))
        text = _trimmed(f"{text[:start]} {text[end:]}")
    return text, remarks


def _trimmed(text: str) -> str:
    return " ".join(text.split()).strip(_BETWEEN)
