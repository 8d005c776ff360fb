"""What the académie sees of ties: which establishments propose them, to whose accounts, and what became of them (R4).

An establishment whose staff import students of the others in turn shows here: what a file says is not what the base of
the other establishment says, nor what the family says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, or_, select, text, tuple_
from sqlalchemy.orm import Session, aliased

from shared.accounts.populations import GUARDIANS, STUDENTS
from shared.accounts.ties.settling import TieSettled
from shared.models.access.ties import FROM_FILES, AccountTie, ConfirmedBy, ProposedFiche, TieState
from shared.models.accounts import Account
from shared.models.school import Establishment

PAGE = 50
Key = tuple[int, int]
"""How many of a school nobody bore out, and its number: where the next page begins, after that school."""


@dataclass(frozen=True)
class Claims:
    """What the files of one establishment said of accounts of others, in a period."""

    establishment: Establishment
    proposed: int
    waiting: int
    refused: int
    departed: int
    """Borne out by the base of the establishment of before."""
    confirmed: int
    """By the family or the académie."""
    others: int
    """To how many other establishments the accounts belong."""

    @property
    def key(self) -> Key:
        """Where the next page begins, after this one."""
        return self.waiting + self.refused, self.establishment.id


@dataclass(frozen=True)
class Claim:
    """One tie that an establishment's files propose, with whom it is about."""

    tie: AccountTie
    account: Account
    persons: Sequence[str]
    """As the establishment writes them."""
    others: Sequence[Establishment]
    """Those of the account."""


def claims_by_school(session: Session, since: datetime, *, after: Key | None = None, limit: int = PAGE) -> list[Claims]:
    """What each establishment proposed since `since`, first those whose claims nobody bore out; one query."""
    counted = _counted(since).subquery()
    doubtful = (counted.c.waiting + counted.c.refused).label("doubtful")
    chosen = select(Establishment, counted).join(counted, counted.c.establishment_id == Establishment.id)
    if after is not None:
        chosen = chosen.where(tuple_(-doubtful, Establishment.id) > (-after[0], after[1]))
    rows = session.execute(chosen.order_by(-doubtful, Establishment.id).limit(limit))
    return [
        Claims(
            row.Establishment,
            proposed=row.proposed,
            waiting=row.waiting,
            refused=row.refused,
            departed=row.departed,
            confirmed=row.confirmed,
            others=row.others,
        )
        for row in rows
    ]


def claims_of_school(
    session: Session, establishment_id: int, state: TieState, *, after: int = 0, limit: int = PAGE
) -> list[Claim]:
    """The ties of one establishment that wait, or were refused, oldest first, after the tie `after`; three queries."""
    wanted = (
        select(AccountTie, Account)
        .join(Account, Account.id == AccountTie.account_id)
        .where(
            AccountTie.establishment_id == establishment_id,
            AccountTie.state == state,
            AccountTie.id > after,
            _from_files(AccountTie),
        )
    )
    return _with_persons(session, session.execute(wanted.order_by(AccountTie.id).limit(limit)).all())


def waiting_claim(session: Session, tie_id: int) -> Claim:
    """One tie that waits for an answer.

    Raises:
        TieSettled: there is none, or it has its answer.
    """
    wanted = select(AccountTie, Account).join(Account, Account.id == AccountTie.account_id)
    found = session.execute(wanted.where(AccountTie.id == tie_id, AccountTie.state == TieState.PROPOSED)).all()
    if not found:
        raise TieSettled
    return _with_persons(session, found)[0]


def _from_files(tie: Any) -> ColumnElement[bool]:  # noqa: ANN401 - the table or an alias of it
    """Whether the files of its establishment proposed it; the others were made with the account."""
    return or_(tie.confirmed_by.is_(None), tie.confirmed_by != ConfirmedBy.GENERATION)


def _counted(since: datetime) -> Select[Any]:
    other = aliased(AccountTie)
    of_others = and_(
        other.account_id == AccountTie.account_id,
        other.establishment_id != AccountTie.establishment_id,
        other.state == TieState.CONFIRMED,
    )
    return (
        select(
            AccountTie.establishment_id,
            func.count(distinct(AccountTie.id)).label("proposed"),
            _number(AccountTie.state == TieState.PROPOSED).label("waiting"),
            _number(AccountTie.state == TieState.REFUSED).label("refused"),
            _number(AccountTie.confirmed_by == ConfirmedBy.DEPARTURE).label("departed"),
            _number(AccountTie.confirmed_by.in_([ConfirmedBy.FAMILY, ConfirmedBy.ACADEMY])).label("confirmed"),
            func.count(distinct(other.establishment_id)).label("others"),
        )
        .outerjoin(other, of_others)
        .where(text(f"({FROM_FILES})"), AccountTie.made_at >= since)
        .group_by(AccountTie.establishment_id)
    )


def _number(condition: ColumnElement[bool]) -> Any:  # noqa: ANN401 - a count
    return func.count(distinct(case((condition, AccountTie.id))))


def _with_persons(session: Session, rows: Sequence[Any]) -> list[Claim]:
    persons: dict[int, list[str]] = {}
    for population in (GUARDIANS, STUDENTS):
        fiche: Any = population.fiche
        named = select(ProposedFiche.tie_id, fiche).join(fiche, fiche.id == population.proposed)
        named = named.where(ProposedFiche.tie_id.in_([tie.id for tie, _ in rows]))
        for tie_id, person in session.execute(named.order_by(fiche.id)):
            persons.setdefault(tie_id, []).append(person.full_name)
    schools: dict[int, list[Establishment]] = {}
    of_accounts = select(AccountTie.account_id, Establishment).join(
        Establishment, Establishment.id == AccountTie.establishment_id
    )
    of_accounts = of_accounts.where(
        AccountTie.account_id.in_([account.id for _, account in rows]), AccountTie.state == TieState.CONFIRMED
    )
    for account_id, school in session.execute(of_accounts.order_by(Establishment.id)):
        schools.setdefault(account_id, []).append(school)
    return [Claim(tie, account, persons.get(tie.id, ()), schools.get(account.id, ())) for tie, account in rows]
