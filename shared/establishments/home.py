"""What a family finds on the portal's home: its schools, its children, the téléservices open for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.establishments.ent import Ent, ent_of
from shared.establishments.services import open_services
from shared.establishments.settings import unset_settings
from shared.models.accounts import Account, AccountKind
from shared.models.school import Division, Establishment, Guardian, Guardianship, Student
from shared.models.teleservices import Audience, EstablishmentSettings, LetterType, UsefulLink
from shared.presence import present


@dataclass(frozen=True)
class LinkOnHome:
    """A link to somewhere else."""

    label: str
    url: str


@dataclass(frozen=True)
class ServiceOnHome:
    """A téléservice that is open."""

    label: str
    description: str
    url: str


@dataclass(frozen=True)
class SchoolOnHome:
    """What one establishment says to its families; `welcome` is HTML that was cleaned."""

    id: int
    name: str
    welcome: str
    links: Sequence[LinkOnHome]
    contact_email: str | None
    ent: Ent | None
    shows_services: bool
    """Not when the establishment chose « ENT seul » (R21)."""


@dataclass(frozen=True)
class ChildOnHome:
    """A child of the family, or the student who is logged in."""

    student_id: int
    name: str
    division: str | None
    establishment_id: int
    services: Sequence[ServiceOnHome]


@dataclass(frozen=True)
class Home:
    """Everything on one page."""

    schools: Sequence[SchoolOnHome]
    children: Sequence[ChildOnHome]


def home_of(session: Session, account: Account, today: date) -> Home:
    """The home of `account`: the number of queries does not depend on the number of children or schools."""
    students = _students_of(session, account, today)
    ids = list(dict.fromkeys(student.establishment_id for student, _ in students))
    audience = Audience.STUDENTS if account.kind is AccountKind.STUDENT else Audience.GUARDIANS
    services = open_services(session, ids, audience)
    children = [
        ChildOnHome(
            student_id=student.id,
            name=student.full_name,
            division=division,
            establishment_id=student.establishment_id,
            services=[ServiceOnHome(s.label, s.description, s.url) for s in services[student.establishment_id]],
        )
        for student, division in students
    ]
    return Home(_schools(session, ids), children)


def _students_of(session: Session, account: Account, today: date) -> list[tuple[Student, str | None]]:
    rows = select(Student, Division.code).outerjoin(Division, Division.id == Student.division_id)
    rows = rows.where(present(Student, today))
    if account.kind is AccountKind.STUDENT:
        rows = rows.where(Student.account_id == account.id)
    else:
        legal = select(Guardianship.student_id).join(Guardian, Guardian.id == Guardianship.guardian_id)
        legal = legal.where(
            Guardian.account_id == account.id,
            Guardian.gone_at.is_(None),
            Guardianship.gone_at.is_(None),
            Guardianship.legal_rank.is_not(None),
        )
        rows = rows.where(Student.id.in_(legal))
    found = session.execute(rows.order_by(Student.birth_date, Student.id)).all()
    return [(student, division) for student, division in found]


def _schools(session: Session, ids: Sequence[int]) -> list[SchoolOnHome]:
    of_these = EstablishmentSettings.establishment_id.in_(ids)
    settings = {row.establishment_id: row for row in session.scalars(select(EstablishmentSettings).where(of_these))}
    links: dict[int, list[LinkOnHome]] = {establishment_id: [] for establishment_id in ids}
    in_order = select(UsefulLink).where(UsefulLink.establishment_id.in_(ids))
    for link in session.scalars(in_order.order_by(UsefulLink.position, UsefulLink.id)):
        links[link.establishment_id].append(LinkOnHome(link.label, link.url))
    schools = session.scalars(select(Establishment).where(Establishment.id.in_(ids)).order_by(Establishment.name))
    return [
        _school(school, settings.get(school.id) or unset_settings(school.id), links[school.id])
        for school in schools.all()
    ]


def _school(school: Establishment, settings: EstablishmentSettings, links: Sequence[LinkOnHome]) -> SchoolOnHome:
    return SchoolOnHome(
        id=school.id,
        name=school.name,
        welcome=settings.welcome_message,
        links=links,
        contact_email=settings.contact_email if settings.contact_active else None,
        ent=ent_of(settings),
        shows_services=settings.letter_type is LetterType.MIXED,
    )
