"""The level of a class, as its code says it: `6A` and `601` are of the sixth grade. Pure."""

import enum
from collections.abc import Collection


class Level(enum.StrEnum):
    """A level of collège or lycée, in the order of a child's years; the value is what staff read."""

    SIXTH = "6e"
    FIFTH = "5e"
    FOURTH = "4e"
    THIRD = "3e"
    SECOND = "2de"
    FIRST = "1re"
    LAST = "Terminale"
    OTHER = "Autres"
    """CAP, BTS, ULIS… and whatever is written otherwise."""


BY_SIGN = {
    "6": Level.SIXTH,
    "5": Level.FIFTH,
    "4": Level.FOURTH,
    "3": Level.THIRD,
    "2": Level.SECOND,
    "1": Level.FIRST,
    "T": Level.LAST,
}
"""The level that the first sign of a code says."""


def is_for_level(levels: Collection[str], division: str | None) -> bool:
    """Whether what is for `levels`, or for all of them, is for a child of `division`; where none is known, it is."""
    level = level_of(division or "")
    return not levels or level is Level.OTHER or level in levels


def level_of(code: str) -> Level:
    """What the first sign of a code says: `3PREPA` is of the third, `TG2` of the last year, `CAP1` of none of them."""
    return BY_SIGN.get(code.strip()[:1].upper(), Level.OTHER)
