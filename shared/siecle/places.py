"""Streets and cities of an address, where schools also write `-`, `.` or « INCONNUE ». Pure functions."""

from shared.persons.name_parts import is_name
from shared.persons.remarks import is_placeholder
from shared.siecle.fields import Fields, text_in
from shared.siecle.report import quoted

LINES = tuple(f"LIGNE{line}_ADRESSE" for line in range(1, 5))
Streets = tuple[str | None, str | None, str | None, str | None]


def streets_in(fields: Fields, warnings: list[str]) -> Streets:
    """The four lines above the city; all empty, with a warning, when none of them has a letter."""
    texts = [text_in(fields, name, warnings) for name in LINES]
    lines = [text if text and _says_something(text) else None for text in texts]
    if not any(line and is_name(line) for line in lines):
        lines = [None] * len(LINES)
    lost = " ".join(text for text, line in zip(texts, lines, strict=True) if text and line is None)
    if lost:
        warnings.append(f"{quoted(lost)} n'est pas une adresse\u00a0: elle n'a pas été reprise.")
    line1, line2, line3, line4 = lines
    return line1, line2, line3, line4


def city_in(fields: Fields, warnings: list[str], *names: str) -> str | None:
    """The first of these elements that names a city; what has no letter is none, and is warned of."""
    for name in names:
        text = text_in(fields, name, warnings)
        if text and is_name(text):
            return text
        if text:
            warnings.append(f"{name} n'a pas été repris\u00a0: {quoted(text)} n'est pas une commune.")
    return None


def _says_something(line: str) -> bool:
    return any(map(str.isalnum, line)) and not is_placeholder(line)
