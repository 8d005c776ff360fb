"""Streets and cities of an address, where schools also write `-`, `.` or « INCONNUE ». Pure functions."""

import re
from functools import lru_cache

from shared.persons.name_parts import is_name
from shared.persons.remarks import is_placeholder
from shared.siecle.reading.fields import IN_SIECLE, Fields, Reading, text_in
from shared.siecle.report import quoted
from shared.siecle.values.countries import CODE, NAME, country_of

LINES = tuple(f"LIGNE{line}_ADRESSE" for line in range(1, 5))
POSTAL_CODE = "CODE_POSTAL"
POSTAL_CODE_LENGTH = 10
_FRENCH_POSTAL_CODE = re.compile(r"[0-9]{5}")
Streets = tuple[str | None, str | None, str | None, str | None]


def streets_in(fields: Fields, reading: Reading) -> Streets:
    """The four lines above the city; all empty, with a warning, when none of them has a letter."""
    texts = [text_in(fields, name, reading) for name in LINES]
    lines = [text if text and _says_something(text) else None for text in texts]
    if not any(line and is_name(line) for line in lines):
        lines = [None] * len(LINES)
    if texts != lines:
        lost = " ".join(text for text, line in zip(texts, lines, strict=True) if text and line is None)
        reading.warn(f"{quoted(lost)} n'est pas une adresse\u00a0: elle n'a pas été reprise. {IN_SIECLE}")
    line1, line2, line3, line4 = lines
    return line1, line2, line3, line4


def city_in(fields: Fields, reading: Reading, *names: str) -> str | None:
    """The first of these elements that names a city; what has no letter is none, and is warned of."""
    for name in names:
        text = text_in(fields, name, reading)
        if text and is_name(text):
            return text
        if text:
            reading.leave_out(name, text, "n'est pas une commune")
    return None


def postal_code_in(fields: Fields, reading: Reading, *, is_abroad: bool) -> str | None:
    """The postal code; in France it has five digits, and what has not is left out, with a warning."""
    written = text_in(fields, POSTAL_CODE, reading, POSTAL_CODE_LENGTH)
    if written is None or is_abroad:
        return written
    digits = written.replace(" ", "")
    if _FRENCH_POSTAL_CODE.fullmatch(digits):
        return digits
    reading.leave_out(POSTAL_CODE, written, "n'a pas les cinq chiffres d'un code postal français")
    return None


def country_in(fields: Fields, reading: Reading) -> str | None:
    """The country, None when it is France or a part of it, or is not known; what is odd is warned of."""
    country, odd = country_of(fields.get(CODE, ""), text_in(fields, NAME, reading) or "")
    if odd is not None:
        reading.warn(odd)
    return country


@lru_cache(maxsize=16_384)
def _says_something(line: str) -> bool:
    return any(map(str.isalnum, line)) and not is_placeholder(line)
