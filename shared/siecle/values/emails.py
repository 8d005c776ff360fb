"""Addresses of e-mail as schools write them: several in one field, after `mailto:`, between `<>`. Pure functions."""

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from shared.models.school import EMAIL_LENGTH

LOCAL_PART_LENGTH = 64

_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_BETWEEN_BRACKETS = re.compile(r"<([^<>]*)>")
_SEPARATORS = re.compile(r"[;,|\s]+|/(?=[^\s/@]+@)")
_SCHEME = re.compile(r"mailto:", re.IGNORECASE)
_AROUND = " <>()[]\"'«».:;,/|"
_REST_OF_A_DOMAIN = re.compile(r"[A-Za-z]{1,3}")
_LINKING = frozenset({"", "et", "ou", "&", "/", "-", "mail", "mel", "email", "e-mail", "courriel"})
_LONGEST_LOOKED_AT = 1_000


class Found(NamedTuple):
    """What an address field says."""

    first: str | None
    others: tuple[str, ...] = ()
    """Other addresses that can be written to."""


def is_email(text: str) -> bool:
    """Whether a text is one address that can be written to."""
    return len(text) <= EMAIL_LENGTH and text.find("@") <= LOCAL_PART_LENGTH and _EMAIL.fullmatch(text) is not None


def emails_in(written: str) -> Found:
    """The first good address of a field, and the others beside it.

    An address is taken only where nothing but addresses stands before it, and not what may be the rest of its domain
    after it: in `jean dupont@exemple.fr` and `jean;dupont@exemple.fr` stands the address of somebody else.
    """
    if is_email(written):
        return Found(written)
    found = list(dict.fromkeys(_good_ones(written[:_LONGEST_LOOKED_AT])))
    return Found(found[0], tuple(found[1:])) if found else Found(None)


def _good_ones(written: str) -> Iterator[str]:
    bracketed = [text for text in _BETWEEN_BRACKETS.findall(written) if "@" in text]
    pieces = bracketed or _SEPARATORS.split(_SCHEME.sub(" ", written))
    texts = [text for piece in pieces if (text := _SCHEME.sub("", piece).strip(_AROUND)).lower() not in _LINKING]
    for text, following in zip_longest(texts, texts[1:], fillvalue=""):
        if "@" not in text:
            return
        if is_email(text) and not _REST_OF_A_DOMAIN.fullmatch(following):
            yield text
