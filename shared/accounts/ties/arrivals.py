"""Students who arrive from another establishment of the académie, and the accounts that come along (R4).

The same student is told by INE, birth date and names (R31); the same guardian, by the names and the civility, among the
guardians of that student. Who writes a file can write all of these: what is found here is a proposal, and no more.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from shared.accounts.populations import GUARDIANS, Population, fiches_of_ties, without_account
from shared.accounts.state_policy import OPEN, nearness_to_use
from shared.models.access.ties import AccountTie, ProposedFiche, TieState
from shared.models.accounts import Account, AccountState
from shared.models.school import Guardian, Guardianship, Student
from shared.persons.elsewhere import Elsewhere, students_with_one_ine
from shared.persons.identity import other_sex
from shared.persons.presence import present

_SAYS_WHO = (Guardian.name_key, Guardian.birth_name_key, Guardian.civility)
THE_STUDENT = frozenset({"the student"})
"""An account of one's own needs no other name."""


@dataclass(frozen=True)
class Named:
    """A fiche as it is told from the others of one student: whose, under which names."""

    fiche_id: int
    student_id: int
    names: frozenset[str]
    civility: str | None = None


@dataclass(frozen=True)
class Held:
    """An account in another establishment, by the student and the names it is held under."""

    account_id: int
    state: AccountState
    student_id: int
    names: frozenset[str]
    civility: str | None = None


Arrivals = Mapping[int, Sequence[int]]
"""The same students in other establishments, by the student of this one."""


def accounts_from_elsewhere(
    session: Session, establishment_id: int, population: Population, today: date
) -> dict[int, int]:
    """The fiches without account whose holder has one elsewhere: the number of the fiche, that of the account.

    An account whose holder refused this establishment is not among them.
    """
    arrivals = _same(students_with_one_ine(session, Student.establishment_id == establishment_id))
    if not arrivals:
        return {}
    waiting = without_account(population, establishment_id, today)
    arrived = _fiches_of(session, population, arrivals.keys(), waiting)
    refused = set(
        session.scalars(
            select(AccountTie.account_id).where(
                AccountTie.establishment_id == establishment_id, AccountTie.state == TieState.REFUSED
            )
        )
    )
    held = [one for one in _held(session, population, arrivals) if one.account_id not in refused]
    return match(arrived, held, arrivals)


def match(arrived: Iterable[Named], held: Iterable[Held], arrivals: Arrivals) -> dict[int, int]:
    """Which fiche takes which account: same student, a name in common; of several, the most used.

    Parents who bear one name, Dominique and Dominique, are told by the civility.
    """
    accounts: dict[int, list[Held]] = {}
    for account in sorted(held, key=lambda account: (nearness_to_use(account.state), account.account_id)):
        accounts.setdefault(account.student_id, []).append(account)
    taken: dict[int, int] = {}
    for fiche in arrived:
        for student_id in arrivals.get(fiche.student_id, ()):
            for account in accounts.get(student_id, ()):
                if fiche.names & account.names and not other_sex(fiche.civility, account.civility):
                    taken.setdefault(fiche.fiche_id, account.account_id)
    return taken


def departed(session: Session, establishment_id: int, population: Population, today: date) -> Set[int]:
    """The ties proposed to an establishment that the base of the one before confirms: the student is gone from there.

    Every student that a tie rests on must be: one whose INE another establishment still has speaks against it,
    whatever the names there, since those here may have been written for the purpose.
    """
    proposed = fiches_of_ties(population, establishment_id, TieState.PROPOSED)
    alike = list(students_with_one_ine(session, Student.id.in_(_children_of(population, proposed))))
    arrivals = _same(alike)
    still_there = _present_among(session, {one.elsewhere_id for one in alike}, today)
    contested = {one.student_id for one in alike if one.elsewhere_id in still_there}
    held = {(one.account_id, one.student_id) for one in _held(session, population, arrivals)}
    ties = _ties_of(session, population, establishment_id)
    confirmed: dict[int, bool] = {}
    against: set[int] = set()
    for fiche in _fiches_of(session, population, {*arrivals, *contested}, population.fiche.id.in_(proposed)):
        tie_id, account_id = ties[fiche.fiche_id]
        known = any((account_id, earlier) in held for earlier in arrivals.get(fiche.student_id, ()))
        confirmed[tie_id] = confirmed.get(tie_id, False) or known
        if fiche.student_id in contested:
            against.add(tie_id)
    return {tie_id for tie_id, known in confirmed.items() if known} - against


def _same(alike: Iterable[Elsewhere]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for one in alike:
        if one.verdict.same:
            found.setdefault(one.student_id, []).append(one.elsewhere_id)
    return found


def _fiches_of(
    session: Session, population: Population, students: Iterable[int], chosen: ColumnElement[bool]
) -> list[Named]:
    """The fiches of `chosen` that are of these students."""
    if population is not GUARDIANS:
        ids = session.scalars(select(Student.id).where(Student.id.in_(list(students)), chosen).order_by(Student.id))
        return [Named(student_id, student_id, THE_STUDENT) for student_id in ids]
    rows = session.execute(
        select(Guardian.id, Guardianship.student_id, *_SAYS_WHO)
        .join(Guardianship, Guardianship.guardian_id == Guardian.id)
        .where(Guardianship.student_id.in_(list(students)), Guardianship.gone_at.is_(None), chosen)
        .order_by(Guardian.id, Guardianship.student_id)
    )
    return [Named(fiche, student, _names(name, born), civility) for fiche, student, name, born, civility in rows]


def _held(session: Session, population: Population, arrivals: Arrivals) -> list[Held]:
    """The accounts of these students elsewhere, or of their guardians: only those that their own schools confirmed."""
    earlier = {one for those in arrivals.values() for one in those}
    usable = (Account.state.in_(OPEN), Account.kind == population.kind)
    if population is not GUARDIANS:
        own = select(Account.id, Account.state, Student.id).join(Student, Student.account_id == Account.id)
        students = session.execute(own.where(Student.id.in_(earlier), *usable))
        return [Held(account, state, student, THE_STUDENT) for account, state, student in students]
    rows = session.execute(
        select(Account.id, Account.state, Guardianship.student_id, *_SAYS_WHO)
        .join(Guardian, Guardian.account_id == Account.id)
        .join(Guardianship, Guardianship.guardian_id == Guardian.id)
        .where(Guardianship.student_id.in_(earlier), *usable)
    )
    return [
        Held(account, state, student, _names(name, born), civility)
        for account, state, student, name, born, civility in rows
    ]


def _names(*keys: str) -> frozenset[str]:
    return frozenset(filter(None, keys))


def _children_of(population: Population, fiches: Select[int | None]) -> Select[int | None] | Select[int]:
    if population is not GUARDIANS:
        return fiches
    links = select(Guardianship.student_id).where(Guardianship.gone_at.is_(None))
    return links.where(Guardianship.guardian_id.in_(fiches))


def _ties_of(session: Session, population: Population, establishment_id: int) -> dict[int, tuple[int, int]]:
    """The tie proposed for each fiche, and its account."""
    rows = session.execute(
        select(population.proposed, AccountTie.id, AccountTie.account_id)
        .join(AccountTie, AccountTie.id == ProposedFiche.tie_id)
        .where(
            AccountTie.establishment_id == establishment_id,
            AccountTie.state == TieState.PROPOSED,
            population.proposed.is_not(None),
        )
    )
    return {fiche_id: (tie_id, account_id) for fiche_id, tie_id, account_id in rows if fiche_id is not None}


def _present_among(session: Session, students: Set[int], today: date) -> set[int]:
    return set(session.scalars(select(Student.id).where(Student.id.in_(students), present(Student, today))))
