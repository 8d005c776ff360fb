"""Who gets a generated account: the guardians, or the students, of one establishment (R1)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import InstrumentedAttribute

from shared.models.accounts import Account, AccountKind
from shared.models.school import Guardian, Student
from shared.presence import legal_guardian_of_a_present_student, present

Fiche = Guardian | Student


@dataclass(frozen=True)
class Population:
    """One kind of fiche, and the column by which an account remembers the fiche it was generated for."""

    kind: AccountKind
    fiche: type[Guardian] | type[Student]
    origin: InstrumentedAttribute[int | None]


GUARDIANS = Population(AccountKind.GUARDIAN, Guardian, Account.origin_guardian_id)
STUDENTS = Population(AccountKind.STUDENT, Student, Account.origin_student_id)


def entitled(population: Population, establishment_id: int, today: date) -> tuple[ColumnElement[bool], ...]:
    """Whether a fiche of the establishment is entitled to an account: several conditions, all of them (R1)."""
    fiche = population.fiche
    in_school = present(Student, today) if fiche is Student else legal_guardian_of_a_present_student(today)
    return fiche.establishment_id == establishment_id, fiche.gone_at.is_(None), in_school


def without_account(population: Population, establishment_id: int, today: date) -> ColumnElement[bool]:
    """Whether a fiche of the establishment is entitled to an account and has none."""
    return and_(*entitled(population, establishment_id, today), population.fiche.account_id.is_(None))
