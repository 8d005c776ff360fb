"""Where fiches live: number and street of an address, however it was abbreviated, and how alike two of them are."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from shared.persons.names import fold

_ABBREVIATIONS = {
    "all": "allee", "app": "appartement", "appt": "appartement", "apt": "appartement", "av": "avenue",
    "ave": "avenue", "bat": "batiment", "bd": "boulevard", "bld": "boulevard", "ch": "chemin", "che": "chemin",
    "chem": "chemin", "chm": "chemin", "gal": "general", "gl": "general", "imp": "impasse", "lot": "lotissement",
    "mal": "marechal", "pl": "place", "r": "rue", "res": "residence", "resid": "residence", "rte": "route",
    "st": "saint", "ste": "sainte",
}  # fmt: skip
_GENERIC = frozenset({
    "allee", "appartement", "avenue", "batiment", "boulevard", "chemin", "cite", "hameau", "immeuble",
    "impasse", "lieu", "dit", "lotissement", "passage", "place", "quartier", "residence", "route", "rue",
    "ruelle", "sentier", "square", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les",
})  # fmt: skip
"""Words of an address that name no place by themselves."""
_AFTER_A_NUMBER = frozenset({"bis", "ter", "quater", "a", "b", "c", "d"})


class Place(NamedTuple):
    """An address without its town; all of it empty when no line is written."""

    whole: str
    """Every line, folded, abbreviations written out."""
    number: str
    """The number in the street; where none begins a line, every number that is written."""
    way: str
    """The words that name the street, without the number and the generic words."""


@lru_cache(maxsize=16_384)
def place_in(lines: tuple[str | None, ...]) -> Place:
    """What the lines of an address say."""
    written = [_written_out(line) for line in lines if line]
    written = [line for line in written if line]
    # The number may stand on a line of its own, the street on the next.
    lines_with_number = [line for line in written if line[0].isdigit() and not line.isdigit()]
    street = next(iter(lines_with_number), " ".join(written))
    words = street.split()
    if street[:1].isdigit():
        number, words = _digits(words[0]), words[1 + (words[1:2] != [] and words[1] in _AFTER_A_NUMBER) :]
    else:
        number = " ".join(word for word in words if word.isdigit())
    words = [word for word in words if not word.isdigit()]
    named = [word for word in words if word not in _GENERIC and len(word) > 1]
    return Place(" ".join(written), number, " ".join(named or words))


def _digits(word: str) -> str:
    return "".join(takewhile(str.isdigit, word))


def _written_out(text: str) -> str:
    return " ".join(_ABBREVIATIONS.get(word, word) for word in fold(text).split())


@lru_cache(maxsize=16_384)
def town_in(city: str) -> str:
    """A city, folded, abbreviations written out, without « CEDEX » and what follows."""
    return _written_out(city).partition(" cedex")[0]


@lru_cache(maxsize=16_384)
def place_of(parts: tuple[str | None, ...]) -> str:
    """The lines of an address and the postal code, written out; nothing when no line is written."""
    *lines, postal = parts
    whole = place_in(tuple(lines)).whole
    return f"{whole} {postal or ''}".strip() if whole else ""


def sorted_words(ways: Iterable[str]) -> list[str]:
    """Each street with its words in one order: `appartement 3 batiment b` is also written the other way round."""
    return [" ".join(sorted(way.split())) for way in ways]
