"""Words looked for in what people wrote, whatever its capitals and accents: alike on both databases."""

import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, func

from shared.engines import translation

_ALPHABETS = (0xC0, 0x250), (0x370, 0x530), (0x1E00, 0x2000)
"""Latin, Greek and Cyrillic: SQLite knows the capitals of ASCII alone."""
_LETTERS = [chr(number) for first, last in _ALPHABETS for number in range(first, last)]
_BASES = {letter: unicodedata.normalize("NFD", letter)[0].lower() for letter in _LETTERS}
_PLAIN = {letter: base for letter, base in _BASES.items() if base != letter and len(base) == 1}
_SIGNS = "".join(map(chr, range(0x300, 0x370)))
FROM, TO = "".join(_PLAIN) + _SIGNS, "".join(_PLAIN.values())
"""The letters that carry a sign, capitals too, and those that they are without it; signs apart are dropped."""
_PAIRS = (("œ", "oe"), ("Œ", "oe"), ("æ", "ae"), ("Æ", "ae"), ("ς", "σ"))


def says(column: Any, text: str) -> ColumnElement[bool]:  # noqa: ANN401 - a column of text, or words put together
    """Whether a column holds `text`: « ecole » finds « École », and « cœur » « Coeur »."""
    return folded(column).contains(_folded_text(text), autoescape=True)


def folded(column: Any) -> ColumnElement[str]:  # noqa: ANN401 - the same
    """What a column holds, without capitals and accents."""
    plain: ColumnElement[str] = func.lower(column)
    for letter, pair in _PAIRS:
        plain = func.replace(plain, letter, pair)
    return func.translate(plain, FROM, TO)


def _folded_text(text: str) -> str:
    """The same of a text."""
    plain = text.lower()
    for letter, pair in _PAIRS:
        plain = plain.replace(letter, pair)
    return unicodedata.normalize("NFD", plain).translate(translation(FROM, TO))
