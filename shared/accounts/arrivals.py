"""Students who arrive from another establishment of the académie, and the accounts that come along (R4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from shared.accounts.populations import GUARDIANS, STUDENTS, Population, without_account
from shared.models.accounts import Account, AccountKind, AccountState
from shared.models.school import Guardian, Guardianship, Student

_MOST_USED_FIRST = (
    AccountState.ACTIVE,
    AccountState.ACTIVATING,
    AccountState.NOTIFIED,
    AccountState.NOT_NOTIFIED,
)

THE_INE_IS_ENOUGH = frozenset({""})
"""A student is told by the INE alone, whatever the names."""


@dataclass(frozen=True)
class Arrival:
    """A student of the establishment, and the one with the same INE in another."""

    student_id: int
    earlier_id: int


@dataclass(frozen=True)
class Named:
    """A fiche of a guardian as it is told from the others: whose guardian, under which names."""

    fiche_id: int
    student_id: int
    names: frozenset[str]


@dataclass(frozen=True)
class Held:
    """An account in another establishment, by the student and the names it is held under."""

    account_id: int
    state: AccountState
    student_id: int
    names: frozenset[str]


def accounts_from_elsewhere(
    session: Session, establishment_id: int, population: Population, today: date
) -> dict[int, int]:
    """The fiches without account whose holder has one elsewhere: the number of the fiche, that of the account.

    The same student is told by the INE; the same guardian, by the names, among the guardians of that student.
    """
    arrivals = _arrivals(session, establishment_id)
    if not arrivals:
        return {}
    if population is GUARDIANS:
        arrived = _guardians_who_arrived(session, establishment_id, arrivals, today)
        return match(arrived, _accounts_of_guardians(session, arrivals), arrivals)
    arrived = _students_who_arrived(session, establishment_id, arrivals, today)
    return match(arrived, _accounts_of_students(session, arrivals), arrivals)


def match(arrived: Iterable[Named], held: Iterable[Held], arrivals: Iterable[Arrival]) -> dict[int, int]:
    """Which fiche takes which account: same student, a name in common; of several, the most used."""
    earlier: dict[int, set[int]] = {}
    for arrival in arrivals:
        earlier.setdefault(arrival.student_id, set()).add(arrival.earlier_id)
    accounts: dict[int, list[Held]] = {}
    for account in sorted(held, key=lambda account: (_MOST_USED_FIRST.index(account.state), account.account_id)):
        accounts.setdefault(account.student_id, []).append(account)
    taken: dict[int, int] = {}
    for fiche in arrived:
        for student_id in earlier.get(fiche.student_id, ()):
            for account in accounts.get(student_id, ()):
                if fiche.names & account.names:
                    taken.setdefault(fiche.fiche_id, account.account_id)
    return taken


def _arrivals(session: Session, establishment_id: int) -> list[Arrival]:
    earlier = aliased(Student)
    rows = session.execute(
        select(Student.id, earlier.id)
        .join(earlier, and_(earlier.ine == Student.ine, earlier.establishment_id != Student.establishment_id))
        .where(Student.establishment_id == establishment_id, Student.ine.is_not(None))
        .order_by(Student.id, earlier.id)
    )
    return [Arrival(student_id, earlier_id) for student_id, earlier_id in rows]


def _guardians_who_arrived(
    session: Session, establishment_id: int, arrivals: Sequence[Arrival], today: date
) -> list[Named]:
    rows = session.execute(
        select(Guardian.id, Guardianship.student_id, Guardian.name_key, Guardian.birth_name_key)
        .join(Guardianship, Guardianship.guardian_id == Guardian.id)
        .where(
            Guardianship.student_id.in_({arrival.student_id for arrival in arrivals}),
            Guardianship.gone_at.is_(None),
            without_account(GUARDIANS, establishment_id, today),
        )
        .order_by(Guardian.id)
    )
    return [Named(fiche, student, frozenset(names)) for fiche, student, *names in rows]


def _accounts_of_guardians(session: Session, arrivals: Sequence[Arrival]) -> list[Held]:
    rows = session.execute(
        select(Account.id, Account.state, Guardianship.student_id, Guardian.name_key, Guardian.birth_name_key)
        .join(Guardian, Guardian.account_id == Account.id)
        .join(Guardianship, Guardianship.guardian_id == Guardian.id)
        .where(
            Guardianship.student_id.in_({arrival.earlier_id for arrival in arrivals}),
            Account.state.in_(_MOST_USED_FIRST),
            Account.kind == AccountKind.GUARDIAN,
        )
    )
    return [Held(account, state, student, frozenset(names)) for account, state, student, *names in rows]


def _students_who_arrived(
    session: Session, establishment_id: int, arrivals: Sequence[Arrival], today: date
) -> list[Named]:
    entitled = without_account(STUDENTS, establishment_id, today)
    arrived = {arrival.student_id for arrival in arrivals}
    ids = session.scalars(select(Student.id).where(Student.id.in_(arrived), entitled).order_by(Student.id))
    return [Named(student_id, student_id, THE_INE_IS_ENOUGH) for student_id in ids]


def _accounts_of_students(session: Session, arrivals: Sequence[Arrival]) -> list[Held]:
    rows = session.execute(
        select(Account.id, Account.state, Student.id)
        .join(Student, Student.account_id == Account.id)
        .where(
            Student.id.in_({arrival.earlier_id for arrival in arrivals}),
            Account.state.in_(_MOST_USED_FIRST),
            Account.kind == AccountKind.STUDENT,
        )
    )
    return [Held(account, state, student, THE_INE_IS_ENOUGH) for account, state, student in rows]
