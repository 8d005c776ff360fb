"""Who gets a generated account: the guardians, or the students, of one establishment (R1)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import InstrumentedAttribute

from shared.models.accounts import Account, AccountKind
from shared.models.school import Guardian, Student
from shared.models.ties import AccountTie, ProposedFiche, TieState
from shared.presence import legal_guardian_of_a_present_student, present

Fiche = Guardian | Student


@dataclass(frozen=True)
class Population:
    """One kind of fiche, and the columns by which other tables name it."""

    kind: AccountKind
    fiche: type[Guardian] | type[Student]
    origin: InstrumentedAttribute[int | None]
    """By which an account remembers the fiche it was generated for."""
    proposed: InstrumentedAttribute[int | None]
    """By which a tie names the fiches that wait for its confirmation."""


GUARDIANS = Population(AccountKind.GUARDIAN, Guardian, Account.origin_guardian_id, ProposedFiche.guardian_id)
STUDENTS = Population(AccountKind.STUDENT, Student, Account.origin_student_id, ProposedFiche.student_id)


def population_of(account: Account) -> Population:
    """The one that the holder of `account` is of."""
    return STUDENTS if account.kind is AccountKind.STUDENT else GUARDIANS


def entitled(population: Population, establishment_id: int, today: date) -> tuple[ColumnElement[bool], ...]:
    """Whether a fiche of the establishment is entitled to an account: several conditions, all of them (R1)."""
    fiche = population.fiche
    in_school = present(Student, today) if fiche is Student else legal_guardian_of_a_present_student(today)
    return fiche.establishment_id == establishment_id, fiche.gone_at.is_(None), in_school


def without_account(population: Population, establishment_id: int, today: date) -> ColumnElement[bool]:
    """Whether a fiche of the establishment is entitled to an account, has none, and waits for none (R4)."""
    fiche = population.fiche
    waiting = fiches_of_ties(population, establishment_id, TieState.PROPOSED)
    return and_(*entitled(population, establishment_id, today), fiche.account_id.is_(None), ~fiche.id.in_(waiting))


def fiches_of_ties(population: Population, establishment_id: int, state: TieState) -> Select[int | None]:
    """The numbers of the fiches that ties of the establishment in `state` name, to be looked among."""
    ties = select(population.proposed).join(AccountTie, AccountTie.id == ProposedFiche.tie_id)
    return ties.where(
        AccountTie.establishment_id == establishment_id, AccountTie.state == state, population.proposed.is_not(None)
    )
