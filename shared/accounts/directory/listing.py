"""The accounts of one establishment: listed by pages, searched by first letters, shown on a card (R19)."""

import enum
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, cast, false, func, literal, null, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.accounts.directory.expiry import expires_soon
from shared.accounts.directory.holds import held_account_ids
from shared.accounts.directory.search_conditions import holds_every_word
from shared.accounts.populations import Fiche, Population, Register, entitled, has_left, present_accounts
from shared.accounts.state_policy import Step, allowing
from shared.database import UtcDateTime
from shared.models.accounts import Account, AccountState
from shared.models.school import Division, Guardian, Guardianship, Student, full_name
from shared.persons.presence import present
from shared.rows.paging import by_name, name_key
from shared.rows.prepared import ESTABLISHMENT_ID, TODAY, Day, Prepared, derived

PAGE = 50
ACTIVATION_SHOULD_TAKE = timedelta(days=7)
_AFTER_EVERY_LETTER = "~"


class FicheNotFound(Exception):
    """The establishment has no such fiche: another establishment's looks the same."""


class Presence(enum.StrEnum):
    """Whether an account counts in an establishment."""

    PRESENT = "presents"
    LEFT = "partis"


@dataclass(frozen=True)
class Filters:
    """What narrows the list; nothing at all shows everybody who has an account."""

    search: str = ""
    """What somebody remembers: words of names, of students, a division, an identifier, an address, a number."""
    state: AccountState | None = None
    division: str | None = None
    expires_soon: bool = False
    flagged: bool = False
    """Only those whose name needs a correction in the school base."""
    waits_long: bool = False
    """Only those that have been « en cours d'activation » for more than a week."""
    to_notify: bool = False
    """Only those that count, were never notified, and are not held back."""
    presence: Presence | None = None
    account_ids: frozenset[int] = frozenset()
    """Only these, ticked one by one; everybody while it is empty."""


@dataclass(frozen=True)
class Child:
    """A student of a guardian."""

    name: str
    division: str | None
    legal_rank: int | None
    present: bool


@dataclass(frozen=True)
class Entry:
    """One line of the list: a fiche and its account."""

    fiche: Fiche
    account: Account
    children: Sequence[Child]

    @property
    def key(self) -> str:
        """Where the next page begins, after this line."""
        return name_key(self.fiche)


@dataclass
class AccountCounts:
    """How many accounts of an establishment there are: all but `left` are of whoever is there."""

    by_state: dict[AccountState, int]
    to_notify: int = 0
    """Never notified, and not held back."""
    expiring: int = 0
    """Erased within two weeks unless they are activated (R9)."""
    waiting_long: int = 0
    """« En cours d'activation » for more than a week: the mailed link was never confirmed."""
    left: int = 0
    """That do not count any more: who held them left, or their fiche was fused."""


def waits_long(today: Day) -> ColumnElement[bool]:
    """Whether the first login was over a week before `today`, and the mailed link was never confirmed."""
    too_early = derived(today, _should_be_active, UtcDateTime())
    return and_(Account.state.in_(allowing(Step.ACTIVATE)), Account.first_login_at < too_early)


def _should_be_active(today: date) -> datetime:
    return datetime.combine(today - ACTIVATION_SHOULD_TAKE, time.min, UTC)


def page_of_accounts(register: Register, filters: Filters, *, after: str = "", limit: int = PAGE) -> list[Entry]:
    """Up to `limit` accounts by name, from after the key `after`; `sorted_list` sorts them otherwise.

    Two queries, however many there are.
    """
    listed = listed_accounts(register.establishment_id, register.population, filters, register.today)
    rows = register.session.execute(by_name(listed, register.population.fiche, limit, after=after)).all()
    children = children_of(register.session, [person for person, _ in rows], register.today)
    return [Entry(person, account, children.get(person.id, [])) for person, account in rows]


def count_accounts(session: Session, establishment_id: int, population: Population, today: date) -> AccountCounts:
    """What there is to tell of the accounts of an establishment, in one query, whatever their number."""
    counts = AccountCounts(dict.fromkeys(AccountState, 0))
    rows = _counting(population).rows(session, establishment_id=establishment_id, today=today)
    for state, expires, waits, held, number in rows:
        if state is None:
            counts.left += number
            continue
        counts.left -= number
        counts.by_state[state] += number
        counts.expiring += number if expires else 0
        counts.waiting_long += number if waits else 0
        counts.to_notify += number if state is AccountState.NOT_NOTIFIED and not held else 0
    return counts


@cache
def _counting(population: Population) -> Prepared:
    """Those who count by what is true of them, then everybody without a state."""
    held = Account.id.in_(held_account_ids([ESTABLISHMENT_ID], TODAY))
    facts = {"expires": expires_soon(TODAY), "waits": waits_long(TODAY), "held": held}
    there = (
        select(Account.state, *(case((fact, 1), else_=0).label(name) for name, fact in facts.items()))
        .where(Account.id.in_(present_accounts(population, ESTABLISHMENT_ID, TODAY, Account.id)))
        .subquery()
    )
    nothing = cast(null(), Account.state.type)
    everybody = select(nothing, *(literal(0) for _ in facts), _everybody(population).scalar_subquery())
    return Prepared(union_all(select(*there.c, func.count()).group_by(*there.c), everybody))


def count_everybody(session: Session, establishment_id: int, population: Population) -> int:
    """How many accounts the fiches of an establishment hold, those of who left and of fused fiches included."""
    return _counting_everybody(population).number(session, establishment_id=establishment_id)


@cache
def _counting_everybody(population: Population) -> Prepared:
    return Prepared(_everybody(population))


def _everybody(population: Population) -> Select[int]:
    fiche = population.fiche
    return select(func.count(fiche.account_id.distinct())).where(fiche.establishment_id == ESTABLISHMENT_ID)


def _to_notify(establishment_id: int, today: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    held = held_account_ids([establishment_id], today)
    return Account.state == AccountState.NOT_NOTIFIED, Account.id.not_in(held)


def card_of(session: Session, establishment_id: int, population: Population, fiche_id: int, today: date) -> Entry:
    """The fiche, its account and its children.

    Raises:
        FicheNotFound: the establishment has no such fiche, or it has no account.
    """
    found = cards_of(session, establishment_id, population, [fiche_id], today)
    if not found:
        raise FicheNotFound
    return found[fiche_id]


def cards_of(
    session: Session, establishment_id: int, population: Population, fiche_ids: Collection[int], today: date
) -> dict[int, Entry]:
    """Those of these fiches that the establishment has with an account, by number, in two queries."""
    fiche: Any = population.fiche
    chosen: Select[Any] = (
        select(fiche, Account)
        .join(Account, Account.id == fiche.account_id)
        .where(fiche.id.in_(fiche_ids), fiche.establishment_id == establishment_id)
    )
    rows = session.execute(chosen).all()
    children = children_of(session, [person for person, _ in rows], today)
    return {person.id: Entry(person, account, children.get(person.id, [])) for person, account in rows}


def children_of(session: Session, fiches: Sequence[Fiche], today: date) -> dict[int, list[Child]]:
    """The students of each of these guardians, in one query; of a student, the student alone."""
    if not fiches:
        return {}
    ids = [fiche.id for fiche in fiches]
    owner: InstrumentedAttribute[int]
    legal_rank: Any
    if isinstance(fiches[0], Student):
        owner, legal_rank = Student.id, null()
        rows = select(owner, legal_rank, *_OF_CHILD).where(Student.id.in_(ids))
    else:
        owner, legal_rank = Guardianship.guardian_id, Guardianship.legal_rank
        rows = select(owner, legal_rank, *_OF_CHILD).join(Student, Student.id == Guardianship.student_id)
        rows = rows.where(owner.in_(ids), Guardianship.gone_at.is_(None))
    rows = rows.outerjoin(Division, Division.id == Student.division_id).order_by(Student.name_key, Student.id)
    children: dict[int, list[Child]] = {}
    for fiche_id, rank, division, gone_at, left_on, *names in session.execute(rows):
        is_present = gone_at is None and (left_on is None or left_on > today)
        children.setdefault(fiche_id, []).append(Child(full_name(*names), division, rank, is_present))
    return children


_OF_CHILD = (
    Division.code,
    Student.gone_at,
    Student.left_on,
    Student.first_name,
    Student.usage_name,
    Student.family_name,
)
"""What is told of a child: to read whole students took most of the time of an export."""


def listed_accounts(establishment_id: int, population: Population, filters: Filters, today: date) -> Select[Any]:
    """The fiches of an establishment and their accounts, those that `filters` keep, in no order."""
    fiche: Any = population.fiche
    listed = select(fiche, Account).join(Account, Account.id == fiche.account_id)
    listed = listed.where(fiche.establishment_id == establishment_id)
    listed = listed.where(*_of_account(filters, today))
    if filters.flagged:
        listed = listed.where(fiche.name_flag.is_not(None))
    if filters.presence is Presence.LEFT:
        listed = listed.where(has_left(population, establishment_id, today))
    if filters.presence is Presence.PRESENT or filters.to_notify:
        listed = listed.where(*entitled(population, establishment_id, today))
    if filters.to_notify:
        listed = listed.where(*_to_notify(establishment_id, today))
    if filters.division is not None:
        listed = listed.where(_in_division(establishment_id, population, filters.division, today))
    if filters.search.strip():
        listed = listed.where(holds_every_word(establishment_id, population, filters.search))
    return listed


def _of_account(filters: Filters, today: date) -> Iterator[ColumnElement[bool]]:
    """What `filters` ask of the account alone."""
    if filters.account_ids:
        yield Account.id.in_(filters.account_ids)
    if filters.state is not None:
        yield Account.state == filters.state
    if filters.expires_soon:
        yield expires_soon(today)
    if filters.waits_long:
        yield waits_long(today)


def _in_division(establishment_id: int, population: Population, code: str, today: date) -> ColumnElement[bool]:
    students = (
        select(Student.id)
        .join(Division, Division.id == Student.division_id)
        .where(Student.establishment_id == establishment_id, Division.code == code, present(Student, today))
    )
    if population.fiche is Student:
        return Student.id.in_(students)
    return Guardian.id.in_(
        select(Guardianship.guardian_id).where(Guardianship.student_id.in_(students), Guardianship.gone_at.is_(None))
    )


def begins(column: InstrumentedAttribute[str], letters: str) -> ColumnElement[bool]:
    """Whether a folded name, or an identifier, begins with `letters`; nothing does with none."""
    # A range rather than LIKE, which uses no index on either database by default.
    return and_(column >= letters, column < letters + _AFTER_EVERY_LETTER) if letters else false()
