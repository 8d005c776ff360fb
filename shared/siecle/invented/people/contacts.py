"""Invented telephone numbers and e-mail addresses; every mail domain is one that RFC 2606 keeps for examples."""

import re

from shared.siecle.invented.people.dice import Dice, Odds, scatter
from shared.siecle.invented.people.spelling import without_accents

DOMAINS = ("example.org", "example.com", "example.net")

_PHONE_FORMS = Odds({"plain": 45, "international": 25, "dotted": 12, "spaced": 12, "by_prefix": 6})
_MOBILE_PREFIXES = Odds({"0692": 60, "0693": 37, "0639": 3})


def draw_mobile(dice: Dice, serial: int) -> str:
    """A mobile number of La Réunion; two serials of one school never share it."""
    return write_phone(dice, f"{dice.among(_MOBILE_PREFIXES)}{scatter(serial, 6):06d}")


def draw_landline(dice: Dice, serial: int) -> str:
    """A home or office number of La Réunion."""
    return write_phone(dice, f"0262{scatter(serial + 700_001, 6):06d}")


def write_phone(dice: Dice, number: str) -> str:
    """The ten digits of `number` in one of the ways people write them."""
    form = dice.among(_PHONE_FORMS)
    if form == "plain":
        return number
    if form == "international":
        return f"+262{number[1:]}"
    if form == "by_prefix":
        return f"{number[:4]} {number[4:6]} {number[6:8]} {number[8:]}"
    return (" " if form == "spaced" else ".").join(re.findall("..", number))


def written_otherwise(dice: Dice, phone: str) -> str:
    """The same number, typed again by somebody else."""
    digits = re.sub(r"\D", "", phone)
    return write_phone(dice, f"0{digits[3:]}" if phone.startswith("+262") else digits)


def draw_email(dice: Dice, first_name: str, last_name: str, serial: int) -> str:
    """An address made of the name and a number of the person's own."""
    first, last = (re.sub(r"[^a-z]", "", without_accents(name).lower()) for name in (first_name, last_name))
    start = dice.pick((f"{first}.{last}", f"{first[:1]}.{last}", f"{last}{first}", f"{first}-{last}"))
    return f"{start[:40]}{scatter(serial + 400_009, 6)}@{dice.pick(DOMAINS)}"
