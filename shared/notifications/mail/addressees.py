"""Whom a mail speaks to: two parents may share a mailbox, and each must know which mail is theirs."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.languages import FRENCH, Language
from shared.models.school import Guardian, Student
from shared.models.staff import Staff
from shared.persons.civilities import addressed


@dataclass(frozen=True)
class Addressee:
    """The person, or the organisation, that a mail is for."""

    name: str
    civility: str | None = None

    def greeted(self, language: Language = FRENCH) -> str:
        """As a mail in `language` greets: civilities are said in French only."""
        return addressed(self.civility, self.name) if language is FRENCH else self.name


def holder_of(session: Session, account_id: int) -> Addressee | None:
    """The holder of an account, by the first of its fiches that is still in a school base."""
    of_account = select(Guardian).where(Guardian.account_id == account_id)
    guardian = session.scalars(of_account.order_by(Guardian.gone_at.is_not(None), Guardian.id).limit(1)).one_or_none()
    if guardian is not None:
        return Addressee(guardian.full_name, guardian.civility)
    own = select(Student).where(Student.account_id == account_id)
    student = session.scalars(own.order_by(Student.gone_at.is_not(None), Student.id).limit(1)).one_or_none()
    return Addressee(student.full_name) if student else None


def staff_at(session: Session, email: str) -> Addressee | None:
    """The member of staff who reads this mailbox; none when nobody, or several, gave it."""
    names = session.scalars(select(Staff.name).where(Staff.email == email).limit(2)).all()
    return Addressee(names[0]) if len(names) == 1 else None
