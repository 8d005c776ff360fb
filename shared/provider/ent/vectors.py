"""Which children an ENT may hear of, and how it is told of each: `FrEduVecteur`, as ATEN said it (R35).

Those of the schools that chose this ENT and did not close it. Asked at each entry: what a school closes is closed then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, and_, bindparam, func, select
from sqlalchemy.orm import Session

from shared.accounts.ties.powers import Power, Role, allows
from shared.models.access.ents import EntService
from shared.models.access.ties import AccountTie
from shared.models.accounts import Account, AccountKind
from shared.models.school import Establishment, Guardian, Guardianship, Student, full_name
from shared.models.teleservices import EstablishmentSettings
from shared.persons.presence import present

OF_GUARDIAN, OF_STUDENT = "2", "4"
"""The profiles of the second degree; 1 and 3 are those of the first, which has no base here."""
SEPARATOR = "|"
FORMER_KEY = "~"
"""Begins the number of a fiche whose own SIECLE gave to somebody else (R31): no ENT knows it."""


@dataclass(frozen=True)
class EntChild:
    """A child of a family, or the student who is logged in, as the base of a school that opens the ENT has them."""

    student_id: int
    number: str
    """ELEVE_ID, by which the ENT looks the child up."""
    full_name: str
    uai: str
    school: str
    profile: str
    holder_last_name: str
    """Of the holder of the account, as that school knows them."""
    holder_first_name: str

    @property
    def vector(self) -> str:
        """What the ENT reads. A name that holds the separator would be another child's number."""
        fields = (self.profile, self.holder_last_name, self.holder_first_name, self.number, self.uai)
        return SEPARATOR.join(" ".join(field.replace(SEPARATOR, " ").split()) for field in fields)


# Written once: each entry asks for it.
_THERE = (
    select(
        Student.id,
        Student.siecle_id,
        Student.first_name,
        Student.usage_name,
        Student.family_name,
        Establishment.uai,
        Establishment.name,
        AccountTie.state,
    )
    .join(Establishment, Establishment.id == Student.establishment_id)
    .join(EstablishmentSettings, EstablishmentSettings.establishment_id == Establishment.id)
    .join(
        AccountTie,
        and_(AccountTie.establishment_id == Establishment.id, AccountTie.account_id == bindparam("account_id")),
    )
    .join(EntService, EntService.ent_link_id == EstablishmentSettings.ent_link_id)
    .where(
        EntService.id == bindparam("of_service"),
        EntService.is_open,
        EstablishmentSettings.ent_is_open,
        present(Student, bindparam("today", type_=Date)),
        Student.siecle_id.not_like(f"{FORMER_KEY}%"),
    )
    .order_by(Student.birth_date.nulls_last(), Student.id)
)
_ITSELF = _THERE.where(Student.account_id == bindparam("account_id"))
_HOLDER = (
    select(func.min(Guardian.id))
    .join(Guardianship, Guardianship.guardian_id == Guardian.id)
    .where(
        Guardianship.student_id == Student.id,
        Guardian.account_id == bindparam("account_id"),
        Guardian.gone_at.is_(None),
        Guardianship.gone_at.is_(None),
        Guardianship.legal_rank.is_not(None),
    )
    .correlate(Student)
    .scalar_subquery()
)
"""The fiche by which the holder of an account is responsible for a child; the first where there are several."""
_CHILDREN = _THERE.join(Guardian, Guardian.id == _HOLDER).add_columns(
    Guardian.usage_name.label("holder_usage_name"),
    Guardian.family_name.label("holder_family_name"),
    Guardian.first_name.label("holder_first_name"),
)


def children_told(session: Session, service: EntService, account: Account, today: date) -> Sequence[EntChild]:
    """The children that `service` may hear of from the holder of `account`; none: the door is closed."""
    is_student = account.kind is AccountKind.STUDENT
    asked = {"account_id": account.id, "of_service": service.id, "today": today}
    found = session.execute(_ITSELF if is_student else _CHILDREN, asked).all()
    return [
        EntChild(
            student_id=row.id,
            number=row.siecle_id,
            full_name=full_name(row.first_name, row.usage_name, row.family_name),
            uai=row.uai,
            school=row.name,
            profile=OF_STUDENT if is_student else OF_GUARDIAN,
            holder_last_name=(
                row.usage_name or row.family_name if is_student else row.holder_usage_name or row.holder_family_name
            ),
            holder_first_name=row.first_name if is_student else row.holder_first_name,
        )
        for row in found
        # As on the portal's home: what families see of a school is its head's doing.
        if allows(Power.SHOW_ITS_OWN, row.state, Role.HEAD)
    ]
