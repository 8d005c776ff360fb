"""How names end up written in a school base: capitals, lost accents, slips of the keyboard."""

import unicodedata

from shared.siecle.invented.people.dice import Dice

_NEIGHBOURS = {"I": "Y", "Y": "I", "S": "Z", "Z": "S", "C": "K", "K": "C", "É": "È", "E": "A", "O": "AU", "T": "TH"}


def without_accents(text: str) -> str:
    """`text` in plain letters: `Œuvré` → `OEuvre`."""
    spelt = text.replace("Œ", "OE").replace("œ", "oe")
    return "".join(letter for letter in unicodedata.normalize("NFD", spelt) if not unicodedata.combining(letter))


def in_capitals(dice: Dice, last_name: str) -> str:
    """A last name as secretaries type it: in capitals, half of the time without accents."""
    capitals = last_name.upper()
    return without_accents(capitals) if dice.chance(0.5) else capitals


def with_lost_character(name: str) -> str:
    """`name` with its first accented letter replaced by the `?` that SIECLE writes when it cannot tell it."""
    for letter in name:
        if not letter.isascii():
            return name.replace(letter, "?", 1)
    return name


def with_slip(dice: Dice, name: str) -> str:
    """`name` with one letter too many, too few, misplaced, or taken for another; short names are left alone."""
    if len(name) < 4:
        return name
    at = dice.between(1, len(name) - 2)
    before, letter, after = name[:at], name[at], name[at + 1 :]
    if not (letter.isalpha() and after[0].isalpha()):
        return name
    slips = (before + after, before + letter + letter + after, before + after[0] + letter + after[1:], "")
    slip = dice.pick(slips)
    if slip:
        return slip
    other = _NEIGHBOURS.get(letter.upper(), letter * 2)
    return before + (other if letter.isupper() else other.lower()) + after
