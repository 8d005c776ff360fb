"""The values of one record: texts, dates, yes or no, addresses of e-mail. Pure functions."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from lxml import etree

from shared.models.school import EMAIL_LENGTH, NAME_LENGTH
from shared.siecle.report import quoted

PHONE_LENGTH = 30
KEY_LENGTH = 20

Fields = dict[str, str]

_NOT_IN_A_TEXT = re.compile("[<>\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffd]")
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_KEY = re.compile(r"[A-Za-z0-9_.-]+")
_TRUE = frozenset({"1", "true"})
_FALSE = frozenset({"0", "false"})

# Stands for elements found where a text was due; `<` is in no text, so that whoever needs it refuses it.
_MARKUP = "<…>"


class RecordRefused(Exception):
    """One record cannot be imported; the message says why, in French, without saying where."""


def fields_of(element: etree._Element) -> Fields:
    """The texts of the children, by tag; blanks are single, and an element that is empty gives an empty text."""
    return {
        child.tag: (" ".join(child.text.split()) if child.text else "") if len(child) == 0 else _MARKUP
        for child in element
    }


def key_in(element: etree._Element, fields: Fields, name: str) -> str:
    """A key of SIECLE, which files write as an attribute or as a child.

    Raises:
        RecordRefused: there is none, or it is no key.
    """
    key = (element.get(name) or fields.get(name) or "").strip()
    if not key:
        raise RecordRefused(f"{name} manque.")
    if len(key) > KEY_LENGTH or not _KEY.fullmatch(key):
        raise RecordRefused(f"{name} n'est pas une clé de SIECLE\u00a0: {quoted(key)}.")
    return key


def text_in(fields: Fields, name: str, warnings: list[str], longest: int = NAME_LENGTH) -> str | None:
    """An optional text; dropped, with a warning, when it is too long or holds what no text holds."""
    value = fields.get(name)
    if not value:
        return None
    value = composed(value)
    if len(value) > longest or _NOT_IN_A_TEXT.search(value):
        warnings.append(
            f"{name} n'a pas été repris\u00a0: {quoted(value)} est trop long ou contient des signes interdits."
        )
        return None
    return value


def composed(value: str) -> str:
    """The same text with each accented letter as one character."""
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def has_forbidden_sign(value: str) -> bool:
    """Whether a text holds markup, control characters, or marks that turn the writing around."""
    return _NOT_IN_A_TEXT.search(value) is not None


def phone_in(fields: Fields, name: str, warnings: list[str]) -> str | None:
    """A phone number as written."""
    return text_in(fields, name, warnings, PHONE_LENGTH)


def email_in(fields: Fields, name: str, warnings: list[str]) -> str | None:
    """An address of e-mail; dropped, with a warning, when it is none."""
    value = fields.get(name)
    if not value:
        return None
    if len(value) > EMAIL_LENGTH or not _EMAIL.fullmatch(value):
        warnings.append(f"l'adresse électronique {quoted(value)} n'en est pas une\u00a0: elle n'a pas été reprise.")
        return None
    return value


def date_in(fields: Fields, name: str) -> str | None:
    """An optional date, `JJ/MM/AAAA` in the file, as ISO 8601.

    Raises:
        RecordRefused: that day does not exist.
    """
    value = fields.get(name)
    return _iso_date(name, value) if value else None


@lru_cache(maxsize=16_384)
def _iso_date(name: str, value: str) -> str:
    try:
        day, month, year = value.split("/")
        if len(year) != len("2012"):
            raise ValueError
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise RecordRefused(f"{name} n'est pas une date\u00a0: {quoted(value)}.") from None


def yes_or_no(fields: Fields, name: str) -> bool | None:
    """A boolean, `0/1` in older files and `true/false` in newer ones; None when it is neither."""
    value = fields.get(name, "").lower()
    if value in _TRUE:
        return True
    return False if value in _FALSE else None
