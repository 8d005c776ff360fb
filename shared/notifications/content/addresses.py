"""Postal and electronic addresses: what an envelope shows, and whether anything can be sent at all. Pure functions."""

from datetime import datetime
from typing import Protocol


class Addressed(Protocol):
    """A fiche, or a row with the address columns of one."""

    address_line1: str | None
    address_line2: str | None
    address_line3: str | None
    address_line4: str | None
    po_box: str | None
    postal_code: str | None
    city: str | None
    country: str | None


def street_lines(fiche: Addressed) -> list[str]:
    """The lines of the address above the city, the empty ones dropped."""
    lines = (fiche.address_line1, fiche.address_line2, fiche.address_line3, fiche.address_line4)
    box = _line(fiche.po_box)
    return [line for line in map(_line, lines) if line] + ([_po_box(box)] if box else [])


def postal_lines(fiche: Addressed) -> list[str]:
    """The whole address below the name: street, then postal code and city, then the country when it is not France."""
    town = " ".join(filter(None, (_line(fiche.postal_code), _line(fiche.city))))
    return [line for line in (*street_lines(fiche), town, _line(fiche.country).upper()) if line]


def is_reachable_by_post(fiche: Addressed) -> bool:
    """Whether a letter can arrive: a city, and something that says where in it."""
    return bool(_line(fiche.city) and street_lines(fiche))


def mail_address(typed: str | None, verified_at: datetime | None, in_base: str | None) -> str | None:
    """Where to write to the owner of an account: the address the owner proved to hold, else the school base's.

    An address that was typed but never confirmed may be a stranger's: nothing is sent there but its own activation.
    """
    return (typed if verified_at else None) or _line(in_base) or None


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _po_box(text: str) -> str:
    return text if text.upper().startswith(("BP", "CS", "B.P")) else f"BP {text}"
