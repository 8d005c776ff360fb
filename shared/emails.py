"""E-mail addresses, checked and written in one way."""

import unicodedata
from difflib import get_close_matches

from email_validator import EmailNotValidError, validate_email

from shared.models.school import EMAIL_LENGTH

_COMMON = {
    "gmail": ("com",),
    "googlemail": ("com",),
    "ymail": ("com",),
    "mail": ("com",),
    "email": ("com",),
    "hotmail": ("com", "fr"),
    "outlook": ("com", "fr"),
    "live": ("com", "fr"),
    "msn": ("com",),
    "yahoo": ("com", "fr"),
    "aol": ("com", "fr"),
    "gmx": ("com", "fr", "net", "de"),
    "icloud": ("com",),
    "me": ("com",),
    "proton": ("me",),
    "protonmail": ("com",),
    **dict.fromkeys(("orange", "wanadoo", "sfr", "neuf", "free", "bbox", "numericable", "only", "ac-reunion"), ("fr",)),
    "laposte": ("net",),
}
COMMON_DOMAINS = frozenset(f"{name}.{end}" for name, ends in _COMMON.items() for end in ends)
"""Those that most families write from, and others that are a slip away from one of these and exist."""
_UNSEEN = "Cf"
"""The category of Unicode of what has no shape: marks of direction, blanks without width."""
_WIDE = {0xFF01 + place: 0x21 + place for place in range(94)} | {ord("\u3002"): "."}
_NEARNESS = 0.86
"""Of `difflib`, from 0 to 1: one letter wrong, missing, too many or two swapped in a domain of eight letters."""


class EmailInvalid(Exception):
    """What was given is no e-mail address."""


def tidy_email(text: str) -> str:
    """An address without what comes along when it is copied and pasted: `mailto:`, brackets, signs that nobody sees.

    Those of the keyboards of East Asia are the ones they stand for; nothing else is made of what was typed.
    """
    signs = (sign for sign in text if unicodedata.category(sign) != _UNSEEN)
    address = "".join(signs).translate(_WIDE).strip().lower().removeprefix("mailto:").rstrip(" .,;")
    return address[1:-1] if address.startswith("<") and address.endswith(">") else address


def normal_email(text: str) -> str:
    """The address as it is kept everywhere: without blanks around nor what is pasted with it, lower case.

    Raises:
        EmailInvalid: it cannot be an address, or it has letters that mail servers refuse.
    """
    address = tidy_email(text)
    if len(address) > EMAIL_LENGTH or not address.isascii():
        raise EmailInvalid
    try:
        return validate_email(address, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise EmailInvalid from None


def address_meant(address: str) -> str | None:
    """What was likely meant by an address whose domain is a slip away from a common one; none for the others.

    `marie@gmail.con` → `marie@gmail.com`. A question to ask, never a refusal: the domain may exist.
    """
    name, _, domain = address.rpartition("@")
    if not name or domain in COMMON_DOMAINS:
        return None
    near = get_close_matches(domain, sorted(COMMON_DOMAINS), n=1, cutoff=_NEARNESS)
    return f"{name}@{near[0]}" if near else None
