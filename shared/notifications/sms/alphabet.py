"""How many signs one SMS holds: 160 of the alphabet of telephones (GSM 03.38), else 70 of any. Pure functions."""

import unicodedata

from anyascii import anyascii

MOST_GSM, MOST_UCS2 = 160, 70

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""By their number, 0 to 127; 27 announces one of the others."""
_ANNOUNCED = {"\f": 10, "^": 20, "{": 40, "}": 41, "\\": 47, "[": 60, "~": 61, "]": 62, "|": 64, "€": 101}
_ESCAPE = 27
_WRITTEN_SO = {"’": "'", "‘": "'", "«": '"', "»": '"', "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."}
_NUMBERS = {sign: number for number, sign in enumerate(_BASIC) if number != _ESCAPE}


def plainly(text: str) -> str:
    """The text with what telephones write: letters of the Latin alphabet without the accents that theirs lacks.

    Letters of another alphabet stay: the message is then one of 70 signs.
    """
    return "".join(map(_plain, unicodedata.normalize("NFC", text)))


def is_gsm(text: str) -> bool:
    """Whether the alphabet of telephones writes all of it."""
    return all(sign in _NUMBERS or sign in _ANNOUNCED for sign in text)


def length(text: str) -> int:
    """How many signs it counts for: some of the alphabet of telephones count twice, and so do pictures."""
    if is_gsm(text):
        return sum(2 if sign in _ANNOUNCED else 1 for sign in text)
    return len(text.encode("utf-16-be")) // 2


def fits(text: str) -> bool:
    """Whether it is one message."""
    return length(text) <= (MOST_GSM if is_gsm(text) else MOST_UCS2)


def encoded(text: str) -> bytes:
    """A text of the alphabet of telephones, a byte for each sign, as SMPP takes it."""
    numbers: list[int] = []
    for sign in text:
        numbers += [_NUMBERS[sign]] if sign in _NUMBERS else [_ESCAPE, _ANNOUNCED[sign]]
    return bytes(numbers)


def _plain(sign: str) -> str:
    if sign in _NUMBERS or sign in _ANNOUNCED:
        return sign
    if sign in _WRITTEN_SO:
        return _WRITTEN_SO[sign]
    if sign.isspace():
        return " "
    return anyascii(sign) if unicodedata.name(sign, "").startswith("LATIN") else sign
