"""Fiches that the school should correct in its base, before or after their account is generated (R2, R26)."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from shared.accounts.directory.listing import Child, children_of
from shared.accounts.populations import Fiche, Population, Register, entitled
from shared.models.accounts import Account, AccountKind
from shared.models.notifications import Notification
from shared.models.sending.posted import PostedLetter
from shared.rows.paging import by_name, name_key
from shared.rows.prepared import Number

PAGE = 50


class Correction(enum.StrEnum):
    """What a fiche lacks."""

    NAME = "name"
    """A comment, a digit, a lost letter in it: it would go into the identifier, and onto the letter."""
    EMAIL = "email"
    """No address: its notification can only be a letter."""
    RETURNED = "returned"
    """A letter came back from the address that it still has."""


@dataclass(frozen=True)
class FicheToCorrect:
    """One line of the list."""

    fiche: Fiche
    account: Account | None
    children: Sequence[Child]

    @property
    def key(self) -> str:
        """Where the next page begins, after this line."""
        return name_key(self.fiche)


def fiches_to_correct(
    register: Register, correction: Correction, *, after: str = "", limit: int = PAGE
) -> list[FicheToCorrect]:
    """Up to `limit` of them by name, from after the key `after`; two queries, however many there are."""
    fiche: Any = register.population.fiche
    wanted = select(fiche, Account).outerjoin(Account, Account.id == fiche.account_id)
    wanted = wanted.where(
        *entitled(register.population, register.establishment_id, register.today),
        lacks(register.establishment_id, register.population, correction),
    )
    rows = register.session.execute(by_name(wanted, fiche, limit, after=after)).all()
    children = children_of(register.session, [person for person, _ in rows], register.today)
    return [FicheToCorrect(person, account, children.get(person.id, [])) for person, account in rows]


def lacks(establishment_id: Number, population: Population, correction: Correction) -> ColumnElement[bool]:
    """Whether a fiche of those entitled to an account lacks something."""
    fiche = population.fiche
    if correction is Correction.NAME:
        return fiche.name_flag.is_not(None)
    if correction is Correction.EMAIL:
        return or_(fiche.email.is_(None), fiche.email == "")
    return came_back(establishment_id, population)


_ADDRESS = (*(f"address_line{number}" for number in range(1, 5)), "po_box", "postal_code", "city", "country")


def written_address(fiche: Any) -> ColumnElement[str]:  # noqa: ANN401 - a fiche of either population, or its alias
    """The postal address of a fiche in one column, to compare with what a letter bore: capitals make no difference."""
    written: ColumnElement[str] = func.coalesce(getattr(fiche, _ADDRESS[0]), "")
    for name in _ADDRESS[1:]:
        written = written + "\n" + func.coalesce(getattr(fiche, name), "")
    return func.upper(written)


def came_back(establishment_id: Number, population: Population) -> ColumnElement[bool]:
    """Whether a letter of the fiche came back from the very address that the fiche still has."""
    fiche: Any = aliased(population.fiche)
    is_guardian = population.kind is AccountKind.GUARDIAN
    owner = Notification.guardian_id if is_guardian else Notification.student_id
    returned = (
        select(owner)
        .join(PostedLetter, PostedLetter.notification_id == Notification.id)
        .join(fiche, fiche.id == owner)
        .where(
            PostedLetter.establishment_id == establishment_id,
            PostedLetter.returned_at.is_not(None),
            PostedLetter.address == written_address(fiche),
        )
    )
    # A letter to a guardian names the student under whom it is listed, too.
    return population.fiche.id.in_(returned if is_guardian else returned.where(Notification.guardian_id.is_(None)))
