"""Which children a téléservice may hear of: those of the schools that open it and that it is registered for (R25, R35).

Asked at each step, at the token and at what it opens too: a school that closes a téléservice closes this door with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BindParameter, Date, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from shared.accounts.ties.powers import Power, Role, allows
from shared.establishments.codes.levels import is_for_level
from shared.establishments.home import IS_CHILD_OF_ACCOUNT
from shared.establishments.services import choice_of_school, is_open_there
from shared.models.access.openid import OpenidClient, OpenidClientSchool
from shared.models.access.ties import AccountTie
from shared.models.accounts import Account, AccountKind
from shared.models.school import Division, Establishment, Student, full_name
from shared.models.teleservices import Audience, Teleservice, TeleserviceOpening
from shared.persons.presence import present


@dataclass(frozen=True)
class Child:
    """A child of a family, or the student who is logged in, where the téléservice is open."""

    student_id: int
    first_name: str
    full_name: str
    ine: str | None
    division: str | None
    establishment_id: int
    uai: str
    school: str


def find_client(session: Session, client_id: str) -> OpenidClient | None:
    """The téléservice of this name, if it is open and still in the catalogue."""
    known = select(OpenidClient).join(OpenidClient.teleservice)
    known = known.where(OpenidClient.client_id == client_id, OpenidClient.is_open, Teleservice.retired_at.is_(None))
    return session.scalars(known).one_or_none()


# Written once: each token asks for it.
_AUDIENCES: BindParameter[Audience] = bindparam("audiences", expanding=True)
_THERE = (
    select(
        Student.id,
        Student.first_name,
        Student.usage_name,
        Student.family_name,
        Student.ine,
        Division.code,
        Teleservice.levels,
        Establishment.id.label("establishment_id"),
        Establishment.uai,
        Establishment.name,
        AccountTie.state,
    )
    .join(Establishment, Establishment.id == Student.establishment_id)
    .join(
        AccountTie,
        and_(AccountTie.establishment_id == Establishment.id, AccountTie.account_id == bindparam("account_id")),
    )
    .join(OpenidClient, OpenidClient.id == bindparam("of_client"))
    .join(Teleservice, Teleservice.id == OpenidClient.teleservice_id)
    .outerjoin(TeleserviceOpening, choice_of_school())
    .outerjoin(Division, Division.id == Student.division_id)
    .where(
        present(Student, bindparam("today", type_=Date)),
        Teleservice.audience.in_(_AUDIENCES),
        is_open_there(),
        OpenidClient.is_open,
        or_(
            OpenidClient.everywhere,
            exists().where(
                OpenidClientSchool.openid_client_id == OpenidClient.id,
                OpenidClientSchool.establishment_id == Establishment.id,
            ),
        ),
    )
    .order_by(Student.birth_date.nulls_last(), Student.id)
)
_CHILDREN = _THERE.where(IS_CHILD_OF_ACCOUNT)
_ITSELF = _THERE.where(Student.account_id == bindparam("account_id"))


def children_there(session: Session, client: OpenidClient, account: Account, today: date) -> Sequence[Child]:
    """The children that `client` may hear of from the holder of `account`; none: the door is closed."""
    is_student = account.kind is AccountKind.STUDENT
    audience = Audience.STUDENTS if is_student else Audience.GUARDIANS
    asked = {
        "account_id": account.id,
        "of_client": client.id,
        "today": today,
        "audiences": [audience, Audience.BOTH],
    }
    found = session.execute(_ITSELF if is_student else _CHILDREN, asked).all()
    return [
        Child(
            student_id=row.id,
            first_name=row.first_name,
            full_name=full_name(row.first_name, row.usage_name, row.family_name),
            ine=row.ine,
            division=row.code,
            establishment_id=row.establishment_id,
            uai=row.uai,
            school=row.name,
        )
        for row in found
        # As on the portal's home: what families see of a school is its head's doing.
        if allows(Power.SHOW_ITS_OWN, row.state, Role.HEAD)
        if is_for_level(row.levels, row.code)
    ]
