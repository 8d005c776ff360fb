"""Who gets a generated account: the guardians, or the students, of one establishment (R1), and whose accounts count.

What « Accueil », « Statistiques », lists and « Notifier en masse » count is said here once: the students present, the
legal guardians of one, and their accounts. Who left keeps an account, and counts no more.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.models.access.ties import AccountTie, ProposedFiche, TieState
from shared.models.accounts import Account, AccountKind
from shared.models.school import Guardian, Guardianship, Student
from shared.persons.presence import (
    guardian_of_link,
    legal_guardian_of_a_present_student,
    legal_link_of_student,
    present,
)
from shared.rows.prepared import Day, Number

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


@dataclass(frozen=True)
class Register:
    """The fiches of one population of one establishment, as they are on one day: what every list of them reads."""

    session: Session
    establishment_id: int
    population: Population
    today: date
    """The day it is in the académie: who is present depends on it."""


def population_of(account: Account) -> Population:
    """The one that the holder of `account` is of."""
    return STUDENTS if account.kind is AccountKind.STUDENT else GUARDIANS


def entitled(population: Population, establishment_id: Number, today: Day) -> tuple[ColumnElement[bool], ...]:
    """Whether a fiche of the establishment is entitled to an account: several conditions, all of them (R1)."""
    fiche = population.fiche
    in_school = present(Student, today) if fiche is Student else legal_guardian_of_a_present_student(today)
    return fiche.establishment_id == establishment_id, fiche.gone_at.is_(None), in_school


def holders(counted: Select[Any], kind: AccountKind) -> Select[Any]:
    """Whatever is `counted` of students, their legal guardians where `kind` is of guardians, and the accounts of these.

    With `present`, these are the accounts that count; one that several fiches or children lead to comes several times.
    """
    counted = counted.select_from(Student)
    if kind is AccountKind.STUDENT:
        return counted.join(Account, Account.id == Student.account_id)
    counted = counted.join(Guardianship, legal_link_of_student()).join(Guardian, guardian_of_link())
    return counted.join(Account, Account.id == Guardian.account_id)


def present_accounts(
    population: Population,
    establishment_id: Number,
    today: Day,
    *columns: Any,  # noqa: ANN401 - columns of the tables joined
) -> Select[Any]:
    """`columns` of the accounts that count in an establishment: aggregates of `Account.id.distinct()`, or the like."""
    counted = holders(select(*columns), population.kind)
    return counted.where(Student.establishment_id == establishment_id, present(Student, today))


def counts(population: Population, establishment_id: Number, today: Day) -> ColumnElement[bool]:
    """Whether an account counts in an establishment: the same of one after the other, where few are looked at."""
    own = population.fiche.account_id == Account.id
    return exists().where(own, *entitled(population, establishment_id, today))


def has_accounts(session: Session, population: Population, establishment_id: int) -> bool:
    """Whether any fiche of the establishment holds an account."""
    fiche: Any = population.fiche
    held = select(fiche.id).where(fiche.establishment_id == establishment_id, fiche.account_id.is_not(None))
    return session.execute(held.limit(1)).first() is not None


def has_left(population: Population, establishment_id: Number, today: Day) -> ColumnElement[bool]:
    """Whether an account of the establishment does not count any more: nobody that it is of is there."""
    return Account.id.not_in(present_accounts(population, establishment_id, today, Account.id))


def without_account(population: Population, establishment_id: Number, today: Day) -> ColumnElement[bool]:
    """Whether a fiche of the establishment is entitled to an account, has none, and waits for none (R4)."""
    return and_(*entitled(population, establishment_id, today), lacks_account(population, establishment_id))


def lacks_account(population: Population, establishment_id: Number) -> ColumnElement[bool]:
    """The same of a fiche that is known to be entitled to one."""
    waiting = fiches_of_ties(population, establishment_id, TieState.PROPOSED)
    return and_(population.fiche.account_id.is_(None), ~population.fiche.id.in_(waiting))


def fiches_of_ties(population: Population, establishment_id: Number, state: TieState) -> Select[int | None]:
    """The numbers of the fiches that ties of the establishment in `state` name, to be looked among."""
    ties = select(population.proposed).join(AccountTie, AccountTie.id == ProposedFiche.tie_id)
    return ties.where(
        AccountTie.establishment_id == establishment_id, AccountTie.state == state, population.proposed.is_not(None)
    )
