"""What a family finds on the portal's home: its schools, its children, the téléservices open for each."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import BindParameter, Date, and_, bindparam, select
from sqlalchemy.orm import Session, load_only

from shared.accounts.ties.powers import Power, Role, allows
from shared.establishments.codes.levels import is_for_level
from shared.establishments.ent import Ent, ent_of
from shared.establishments.services import open_services
from shared.establishments.settings import unset_settings
from shared.models.access.ties import AccountTie, ConfirmedBy
from shared.models.accounts import Account, AccountKind
from shared.models.school import Division, Establishment, Guardian, Guardianship, Student
from shared.models.teleservices import Audience, EstablishmentSettings, LetterType, UsefulLink
from shared.persons.presence import present

NEWS = timedelta(days=30)
"""How long the home says that a school was added to the account without the family having been asked."""


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
    added_at: datetime | None
    """When it was added to the account on the word of somebody else than the family, not long ago (R4)."""


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
    """The home of `account`: the number of queries does not depend on the number of children or schools.

    A school shows something of its own where its tie to the account is such that it may, and nowhere else (R4).
    """
    students = _students_of(session, account, today)
    schools = _schools(session, account, {student.establishment_id for student, _ in students}, today)
    ids = [school.id for school in schools]
    audience = Audience.STUDENTS if account.kind is AccountKind.STUDENT else Audience.GUARDIANS
    services = open_services(session, ids, audience)
    children = [
        ChildOnHome(
            student_id=student.id,
            name=student.full_name,
            division=division,
            establishment_id=student.establishment_id,
            services=[
                ServiceOnHome(one.label, one.description, one.url)
                for one in services[student.establishment_id]
                if is_for_level(one.levels, division)
            ],
        )
        for student, division in students
        if student.establishment_id in services
    ]
    return Home(schools, children)


# Written once: the home is the page that is asked for most, and making these took longer than the database does.
_IN_ORDER = (
    select(Student, Division.code)
    .outerjoin(Division, Division.id == Student.division_id)
    .options(
        load_only(
            Student.id,
            Student.establishment_id,
            Student.first_name,
            Student.usage_name,
            Student.family_name,
            raiseload=True,
        )
    )
    .where(present(Student, bindparam("today", type_=Date)))
    .order_by(Student.birth_date.nulls_last(), Student.id)
)
_ITSELF = _IN_ORDER.where(Student.account_id == bindparam("account_id"))
IS_CHILD_OF_ACCOUNT = Student.id.in_(
    select(Guardianship.student_id)
    .join(Guardian, Guardian.id == Guardianship.guardian_id)
    .where(
        Guardian.account_id == bindparam("account_id"),
        Guardian.gone_at.is_(None),
        Guardianship.gone_at.is_(None),
        Guardianship.legal_rank.is_not(None),
    )
)
"""Whether a student is a child of the holder of `account_id`."""
_CHILDREN = _IN_ORDER.where(IS_CHILD_OF_ACCOUNT)
_THESE: BindParameter[int] = bindparam("ids", expanding=True)
_LINKS = (
    select(UsefulLink.establishment_id, UsefulLink.label, UsefulLink.url)
    .where(UsefulLink.establishment_id.in_(_THESE))
    .order_by(UsefulLink.position, UsefulLink.id)
)
_SCHOOLS = (
    select(Establishment, EstablishmentSettings, AccountTie.state, AccountTie.confirmed_by, AccountTie.settled_at)
    .outerjoin(EstablishmentSettings, EstablishmentSettings.establishment_id == Establishment.id)
    .outerjoin(
        AccountTie,
        and_(AccountTie.establishment_id == Establishment.id, AccountTie.account_id == bindparam("account_id")),
    )
    .options(load_only(Establishment.id, Establishment.name, raiseload=True))
    .where(Establishment.id.in_(_THESE))
    .order_by(Establishment.name)
)


def _students_of(session: Session, account: Account, today: date) -> list[tuple[Student, str | None]]:
    rows = _ITSELF if account.kind is AccountKind.STUDENT else _CHILDREN
    found = session.execute(rows, {"today": today, "account_id": account.id})
    return [(student, division) for student, division in found]


def _schools(session: Session, account: Account, ids: Set[int], today: date) -> list[SchoolOnHome]:
    found = session.execute(_SCHOOLS, {"ids": list(ids), "account_id": account.id}).all()
    # What families see of a school is its head's doing.
    shown = [row for row in found if allows(Power.SHOW_ITS_OWN, row.state, Role.HEAD)]
    links: dict[int, list[LinkOnHome]] = {row.Establishment.id: [] for row in shown}
    for establishment_id, label, url in session.execute(_LINKS, {"ids": list(links)}):
        links[establishment_id].append(LinkOnHome(label, url))
    return [
        _school(
            row.Establishment,
            row.EstablishmentSettings or unset_settings(row.Establishment.id),
            links[row.Establishment.id],
            row.settled_at if _is_news(row.confirmed_by, row.settled_at, today) else None,
        )
        for row in shown
    ]


def _is_news(confirmed_by: ConfirmedBy | None, settled_at: datetime | None, today: date) -> bool:
    asked_nobody = confirmed_by in {ConfirmedBy.ACADEMY, ConfirmedBy.DEPARTURE}
    return asked_nobody and settled_at is not None and today - settled_at.date() <= NEWS


def _school(
    school: Establishment, settings: EstablishmentSettings, links: Sequence[LinkOnHome], added_at: datetime | None
) -> SchoolOnHome:
    return SchoolOnHome(
        id=school.id,
        name=school.name,
        welcome=settings.welcome_message,
        links=links,
        contact_email=settings.contact_email if settings.contact_active else None,
        ent=ent_of(settings),
        shows_services=settings.letter_type is LetterType.MIXED,
        added_at=added_at,
    )
