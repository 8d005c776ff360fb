"""Who gets a generated account: the guardians, or the students, of one establishment (R1, R4)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from shared.models.accounts import Account, AccountKind, AccountState
from shared.models.school import Guardian, Guardianship, Student
from shared.presence import legal_guardian_of_a_present_student, present

Fiche = Guardian | Student

_MOST_USED_FIRST = case(
    (Account.state == AccountState.ACTIVE, 0), (Account.state == AccountState.ACTIVATING, 1), else_=2
)


@dataclass(frozen=True)
class Population:
    """One kind of fiche, and the column by which an account remembers the fiche it was generated for."""

    kind: AccountKind
    fiche: type[Guardian] | type[Student]
    origin: InstrumentedAttribute[int | None]


GUARDIANS = Population(AccountKind.GUARDIAN, Guardian, Account.origin_guardian_id)
STUDENTS = Population(AccountKind.STUDENT, Student, Account.origin_student_id)


def without_account(population: Population, establishment_id: int, today: date) -> ColumnElement[bool]:
    """Whether a fiche of the establishment is entitled to an account and has none."""
    fiche = population.fiche
    entitled = present(Student, today) if fiche is Student else legal_guardian_of_a_present_student(today)
    return and_(
        fiche.establishment_id == establishment_id, fiche.gone_at.is_(None), fiche.account_id.is_(None), entitled
    )


def accounts_elsewhere(population: Population, establishment_id: int, today: date) -> Select[int, int]:
    """The fiches without account, and the account of the same person in the establishment of before (R4).

    The same student is told by the INE; the same guardian, by the names, among the guardians of that student.
    """
    matches = _guardians_elsewhere() if population is GUARDIANS else _students_elsewhere()
    ranked = (
        matches.add_columns(
            func.row_number()
            .over(partition_by=population.fiche.id, order_by=(_MOST_USED_FIRST, Account.id))
            .label("choice")
        )
        .where(without_account(population, establishment_id, today))
        .where(Account.kind == population.kind, Account.state != AccountState.DISABLED)
        .subquery()
    )
    return select(ranked.c.fiche_id, ranked.c.account_id).where(ranked.c.choice == 1)


def _students_elsewhere() -> Select[int, int]:
    earlier = aliased(Student)
    return (
        select(Student.id.label("fiche_id"), Account.id.label("account_id"))
        .join(earlier, and_(earlier.ine == Student.ine, earlier.establishment_id != Student.establishment_id))
        .join(Account, Account.id == earlier.account_id)
    )


def _guardians_elsewhere() -> Select[int, int]:
    pupil, earlier_pupil = aliased(Student), aliased(Student)
    link, earlier_link = aliased(Guardianship), aliased(Guardianship)
    earlier = aliased(Guardian)
    same_name = or_(
        earlier.name_key.in_([Guardian.name_key, Guardian.birth_name_key]),
        earlier.birth_name_key.in_([Guardian.name_key, Guardian.birth_name_key]),
    )
    return (
        select(Guardian.id.label("fiche_id"), Account.id.label("account_id"))
        .join(link, and_(link.guardian_id == Guardian.id, link.gone_at.is_(None)))
        .join(pupil, pupil.id == link.student_id)
        .join(
            earlier_pupil,
            and_(earlier_pupil.ine == pupil.ine, earlier_pupil.establishment_id != pupil.establishment_id),
        )
        .join(earlier_link, earlier_link.student_id == earlier_pupil.id)
        .join(earlier, and_(earlier.id == earlier_link.guardian_id, same_name))
        .join(Account, Account.id == earlier.account_id)
    )
