"""Whom a family telephones when the portal alone does not help."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models.accounts import Account
from shared.models.school import Establishment, Guardian, Student


@dataclass(frozen=True)
class Secretariat:
    """A school, and its telephone if it is known."""

    school: str
    phone: str | None

    @property
    def dialled(self) -> str:
        """The telephone as a `tel:` link takes it: digits, and `+` in front."""
        return "".join(sign for sign in self.phone or "" if sign.isascii() and (sign.isdigit() or sign == "+"))


def secretariats_of(session: Session, account: Account) -> Sequence[Secretariat]:
    """The schools in which the holder of `account` has a fiche, by name."""
    of_guardian = select(Guardian.establishment_id).where(Guardian.account_id == account.id, Guardian.gone_at.is_(None))
    of_student = select(Student.establishment_id).where(Student.account_id == account.id, Student.gone_at.is_(None))
    schools = select(Establishment.name, Establishment.phone).where(Establishment.id.in_(of_guardian.union(of_student)))
    return [Secretariat(name, phone) for name, phone in session.execute(schools.order_by(Establishment.name))]
