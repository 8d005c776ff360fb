"""What is known of the addresses of a school's base before anybody is notified: which fail, which two families have."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from shared.models.accounts import AccountKind
from shared.models.notifications import Mode
from shared.models.school import Guardian, Guardianship, Student
from shared.models.sending.refusals import FailingAddress
from shared.notifications.channels.channel import Addresses, Known, Owner
from shared.notifications.channels.registry import ROUTES, Offer
from shared.notifications.channels.returned import owners_letters_came_back_from
from shared.notifications.content.addresses import Addressed, mail_address


class Reached(Addressed, Protocol):
    """A fiche, or a row with the columns of one that say where somebody is reached."""

    email: str | None
    mobile_phone: str | None
    first_name: str


def addresses_of(fiche: Reached, typed: str | None = None, verified_at: datetime | None = None) -> Addresses:
    """Where the owner of an account is reached; `typed` is the e-mail of the account, confirmed at `verified_at`."""
    return Addresses(
        mail=mail_address(typed, verified_at, fiche.email),
        postal=fiche,
        mobile=fiche.mobile_phone,
        # Only of a guardian's fiche: the file of students says nothing of SMS.
        accepts_sms=bool(getattr(fiche, "accepts_sms", None)),
        is_organisation=not fiche.first_name,
        owner=_owner(fiche),
    )


def _owner(fiche: Any) -> Owner | None:  # noqa: ANN401 - a fiche, or a row that names one
    if isinstance(fiche, Guardian | Student):
        return AccountKind.GUARDIAN if isinstance(fiche, Guardian) else AccountKind.STUDENT, fiche.id
    guardian_id, student_id = getattr(fiche, "guardian_id", None), getattr(fiche, "student_id", None)
    if guardian_id is not None:
        return AccountKind.GUARDIAN, guardian_id
    return (AccountKind.STUDENT, student_id) if student_id is not None else None


def known_addresses(session: Session, establishment_id: int, mode: Mode, offer: Offer) -> Known:
    """What keeps addresses of one school from being written to; a few queries, for what the mode writes to alone."""
    known = Known(frozenset(session.scalars(select(FailingAddress.email))))
    if any(one.writes_to_homes for one in ROUTES[mode].channels):
        known = replace(known, returned=owners_letters_came_back_from(session, establishment_id))
    if any(one.writes_to_numbers for one in ROUTES[mode].channels):
        known = replace(known, shared=_shared_numbers(session, establishment_id), countries=offer.countries)
    return known


def _shared_numbers(session: Session, establishment_id: int) -> frozenset[str]:
    """The mobile numbers of two persons who have no child in common: one of them would read the code of the other.

    Two fiches of one account, or of one name, are those of one person.
    """
    one, other = aliased(Guardian), aliased(Guardian)
    of_one, of_other = aliased(Guardianship), aliased(Guardianship)
    in_common = exists().where(
        of_one.guardian_id == one.id,
        of_other.guardian_id == other.id,
        of_one.student_id == of_other.student_id,
        of_one.gone_at.is_(None),
        of_other.gone_at.is_(None),
    )
    pairs = (
        select(one.mobile_phone)
        .join(other, (other.establishment_id == one.establishment_id) & (other.mobile_phone == one.mobile_phone))
        .where(
            one.establishment_id == establishment_id,
            one.id < other.id,
            one.gone_at.is_(None),
            other.gone_at.is_(None),
            one.name_key != other.name_key,
            or_(one.account_id.is_(None), other.account_id.is_(None), one.account_id != other.account_id),
            ~in_common,
        )
        .distinct()
    )
    return frozenset(number for number in session.scalars(pairs) if number)
