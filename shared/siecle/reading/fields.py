"""The values of one record: texts, dates, yes or no, addresses of e-mail. Pure functions."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TypeVar

from lxml import etree

from shared.models.school import NAME_LENGTH
from shared.persons import phones
from shared.siecle.report import quoted
from shared.siecle.values.emails import emails_in
from shared.siecle.values.texts import are_clean, cleaned

PHONE_LENGTH = 30
KEY_LENGTH = 20
IN_SIECLE = "Corrigez-le dans SIECLE."
FIRST_YEAR = 1900
YEAR_AFTER_THE_LAST = 2100

Fields = dict[str, str]
Meaning = TypeVar("Meaning")

_KEY = re.compile(r"[A-Za-z0-9_.-]+")
_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_YES_OR_NO = {"1": True, "true": True, "0": False, "false": False}

# Stands for elements found where a text was due; `<` is in no text, so that whoever needs it does without.
_MARKUP = "<...>"


class RecordRefused(Exception):
    """Nothing can be made of one record; the message says why, in French, without saying where."""


@dataclass(slots=True)
class Reading:
    """The reading of one record: what is known of its file, and what was found odd, in French, without saying where."""

    phone_plan: str | None = None
    """The country code of telephone numbers without one, where it is not the plan of ten digits."""
    warnings: list[str] = field(default_factory=list)

    def warn(self, said: str) -> None:
        """Say what is odd, and what to do about it."""
        self.warnings.append(said)

    def leave_out(self, name: str, value: str, why: str) -> None:
        """Say that a field is left out."""
        self.warnings.append(f"{name} n'a pas été repris\u00a0: {quoted(value)} {why}. {IN_SIECLE}")


def fields_of(element: etree._Element) -> Fields:
    """The texts of the children, by tag, cleaned; an element that is empty gives an empty text."""
    fields = {child.tag: child.text or "" if len(child) == 0 else _MARKUP for child in element}
    if are_clean(fields.values()):
        return fields
    return {tag: cleaned(text) if text else "" for tag, text in fields.items()}


def text_at(element: etree._Element, tag: str) -> str:
    """The text of the first child of that name, cleaned; empty when there is none."""
    # `findtext` takes ten times as long to understand its path.
    for child in element.iterchildren(tag):
        return cleaned(child.text or "")
    return ""


def key_in(element: etree._Element, fields: Fields, name: str) -> str:
    """A key of SIECLE, which files write as an attribute or as a child.

    Raises:
        RecordRefused: there is none, or it is no key.
    """
    key = element.get(name) or fields.get(name) or ""
    if len(key) <= KEY_LENGTH and _KEY.fullmatch(key):
        # There is nothing to clean in it.
        return key
    key = cleaned(key)
    if not key:
        raise RecordRefused(f"{name} manque.")
    if len(key) > KEY_LENGTH or not _KEY.fullmatch(key):
        raise RecordRefused(f"{name} n'est pas une clé de SIECLE\u00a0: {quoted(key)}.")
    return key


def text_in(fields: Fields, name: str, reading: Reading, longest: int = NAME_LENGTH) -> str | None:
    """An optional text; left out, with a warning, when it is too long or holds markup."""
    value = fields.get(name)
    if not value:
        return None
    if not value.isascii():
        value = composed(value)
    if len(value) > longest:
        reading.leave_out(name, value, f"est trop long ({longest} caractères au plus)")
        return None
    if "<" in value or ">" in value:
        reading.leave_out(name, value, "contient des signes interdits")
        return None
    return value


def composed(value: str) -> str:
    """The same text with each accented letter as one character."""
    return unicodedata.normalize("NFC", value)


def has_markup(value: str) -> bool:
    """Whether a text holds markup, or stands for elements found in its place."""
    return "<" in value or ">" in value


def phone_in(fields: Fields, name: str, reading: Reading) -> str | None:
    """A telephone number in the one form in which numbers are kept; as written, with a warning, when it is none."""
    if not fields.get(name):
        return None
    written = text_in(fields, name, reading, phones.LONGEST)
    if written is None:
        return None
    number = phones.phone_in(written, reading.phone_plan)
    if number is not None:
        return number
    if len(written) > PHONE_LENGTH:
        reading.leave_out(name, written, "n'est pas un numéro de téléphone")
        return None
    reading.warn(
        f"{name} n'est pas un numéro de téléphone complet\u00a0: {quoted(written)} est gardé tel quel. {IN_SIECLE}"
    )
    return written


def email_in(fields: Fields, name: str, reading: Reading) -> str | None:
    """The first good address of e-mail of a field; what else stands there is said, and left out."""
    value = fields.get(name)
    if not value:
        return None
    first, others = emails_in(value)
    if first == value:
        return first
    if first is None:
        reading.warn(
            f"l'adresse électronique {quoted(value)} n'en est pas une\u00a0: {name} n'a pas été repris. {IN_SIECLE}"
        )
    elif others:
        also = ", ".join(map(quoted, others))
        reading.warn(f"{name} contient plusieurs adresses\u00a0: {quoted(first)} a été reprise, {also} ne l'est pas.")
    else:
        reading.warn(
            f"{name} contient autre chose qu'une adresse\u00a0: de {quoted(value)} a été repris {quoted(first)}."
        )
    return first


def date_in(fields: Fields, name: str, reading: Reading) -> str | None:
    """A date, `JJ/MM/AAAA` in the file, as ISO 8601; left out, with a warning, when that day does not exist."""
    value = fields.get(name)
    if not value:
        return None
    day = _iso_date(value)
    if day is None:
        reading.leave_out(name, value, "n'est pas une date possible (JJ/MM/AAAA)")
    return day


@lru_cache(maxsize=16_384)
def _iso_date(value: str) -> str | None:
    written = _DAY.fullmatch(value)
    if written is None:
        return None
    try:
        found = date(int(written[3]), int(written[2]), int(written[1]))
    except ValueError:
        return None
    return found.isoformat() if FIRST_YEAR <= found.year < YEAR_AFTER_THE_LAST else None


def yes_or_no(fields: Fields, name: str, reading: Reading) -> bool | None:
    """A boolean, `0/1` in older files and `true/false` in newer ones; left out, with a warning, when it is neither."""
    value = fields.get(name)
    return one_of(_YES_OR_NO, fields, name, reading, value.lower()) if value else None


def one_of(
    meanings: Mapping[str, Meaning], fields: Fields, name: str, reading: Reading, value: str | None = None
) -> Meaning | None:
    """What the code of a field stands for; left out, with a warning, when it is none of those known."""
    value = fields.get(name) if value is None else value
    if not value:
        return None
    if value not in meanings:
        reading.leave_out(name, value, f"n'est pas une valeur connue ({', '.join(meanings)})")
        return None
    return meanings[value]
