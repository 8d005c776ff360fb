"""Fiches that must not be absorbed by another one (R13)."""

import enum
from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from shared.accounts.state_policy import USED
from shared.models.accounts import Account
from shared.models.school import Guardian, Guardianship, Student
from shared.persons.presence import present


class Protection(enum.StrEnum):
    """Why a fiche stays."""

    SCHOLARSHIP = "scholarship"
    ACTIVATED = "activated"


REASONS = {
    Protection.SCHOLARSHIP: "liée à une bourse",
    Protection.ACTIVATED: "son compte est activé",
}


def protections(session: Session, guardian_ids: Collection[int], today: date) -> dict[int, frozenset[Protection]]:
    """Why each of these fiches must not be absorbed, in two queries; those that may be are left out.

    A fiche is tied to a scholarship when a student who is there holds one and the fiche receives the aid; where the
    school base says of nobody that they receive it (exports of 2017), when the fiche is Légal 1. An account
    is activated from its first use on, even disabled by staff since.
    """
    found: dict[int, set[Protection]] = {}
    for guardian_id in session.scalars(_tied_to_a_scholarship(guardian_ids, today)):
        found.setdefault(guardian_id, set()).add(Protection.SCHOLARSHIP)
    for guardian_id in session.scalars(
        select(Guardian.id)
        .join(Account, Account.id == Guardian.account_id)
        .where(
            Guardian.id.in_(guardian_ids),
            or_(Account.state.in_(USED), Account.disabled_from.in_(USED)),
        )
    ):
        found.setdefault(guardian_id, set()).add(Protection.ACTIVATED)
    return {guardian_id: frozenset(reasons) for guardian_id, reasons in found.items()}


def must_stay(
    guardian: Guardian, kept: Guardian, reasons: Mapping[int, frozenset[Protection]]
) -> frozenset[Protection]:
    """Why `guardian` must not be absorbed into `kept`: an activated account that both share is not lost."""
    shares = guardian.account_id is not None and guardian.account_id == kept.account_id
    return reasons.get(guardian.id, frozenset()) - (frozenset({Protection.ACTIVATED}) if shares else frozenset())


def both_stay(one: Guardian, other: Guardian, reasons: Mapping[int, frozenset[Protection]]) -> bool:
    """Whether neither of two fiches may be absorbed into the other, so that staff cannot fuse them."""
    return bool(must_stay(one, other, reasons) and must_stay(other, one, reasons))


def reasons_in_words(reasons: Collection[Protection]) -> str:
    """`liée à une bourse, son compte est activé`."""
    return ", ".join(words for protection, words in REASONS.items() if protection in reasons)


def _tied_to_a_scholarship(guardian_ids: Collection[int], today: date) -> Select[int]:
    other = aliased(Guardianship)
    somebody_receives = exists().where(
        other.student_id == Guardianship.student_id, other.gone_at.is_(None), other.receives_aid.is_(True)
    )
    return (
        select(Guardianship.guardian_id)
        .join(Student, Student.id == Guardianship.student_id)
        .where(
            Guardianship.guardian_id.in_(guardian_ids),
            Guardianship.gone_at.is_(None),
            Student.scholarship.is_(True),
            present(Student, today),
            or_(Guardianship.receives_aid.is_(True), and_(~somebody_receives, Guardianship.legal_rank == 1)),
        )
        .distinct()
    )
