"""Who a mail or a letter comes from."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.establishments.ent import Ent, ent_of, shows_ent_only
from shared.models.school import Establishment, Guardian, Student
from shared.models.teleservices import EstablishmentSettings
from shared.persons.civilities import shortened

SERVICE_NAME = "Téléservices"
PORTAL = "le portail"


@dataclass(frozen=True)
class School:
    """The sender: letterhead, signature, and the address that answers go to, when the school gave one (R23)."""

    name: str
    address: tuple[str, ...] = ()
    city: str | None = None
    phone: str | None = None
    email: str | None = None
    head: str | None = None
    contact: str | None = None
    ent: Ent | None = None
    ent_only: bool = False
    """Families are told the address of the ENT, and not that of the portal (R21)."""


def schools(session: Session, establishment_ids: Iterable[int]) -> dict[int, School]:
    """The letterheads of these establishments."""
    rows = session.execute(
        select(Establishment, EstablishmentSettings)
        .outerjoin(EstablishmentSettings, EstablishmentSettings.establishment_id == Establishment.id)
        .where(Establishment.id.in_(list(establishment_ids)))
    )
    return {establishment.id: _school(establishment, settings) for establishment, settings in rows}


def places(school: School, portal: str) -> list[tuple[str, str]]:
    """What families are told to open, each with its address: the portal, at `portal`, the ENT, or both (R21)."""
    told = [] if school.ent_only else [(PORTAL, portal)]
    return [*told, (school.ent.label, school.ent.url)] if school.ent else told


def school_of_account(session: Session, account_id: int) -> School:
    """The school an account is of; when there are several, the service speaks in its own name."""
    found = set(
        session.scalars(
            select(Guardian.establishment_id)
            .where(Guardian.account_id == account_id, Guardian.gone_at.is_(None))
            .union(select(Student.establishment_id).where(Student.account_id == account_id, Student.gone_at.is_(None)))
        )
    )
    return next(iter(schools(session, found).values())) if len(found) == 1 else School(SERVICE_NAME)


def _school(establishment: Establishment, settings: EstablishmentSettings | None) -> School:
    town = " ".join(filter(None, (establishment.postal_code, establishment.city)))
    head = " ".join(filter(None, (shortened(establishment.head_civility), establishment.head_name)))
    ent = ent_of(settings) if settings else None
    return School(
        name=establishment.name,
        address=tuple(filter(None, (establishment.address_line1, establishment.address_line2, town))),
        city=establishment.city,
        phone=establishment.phone,
        email=establishment.email,
        head=head or None,
        contact=settings.contact_email if settings and settings.contact_active else None,
        ent=ent,
        ent_only=settings is not None and shows_ent_only(settings),
    )
