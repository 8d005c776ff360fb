"""What an establishment sees of the ties that its own files propose: its fiches that wait, and those refused (R4).

Of the account it is told nothing: neither whose establishment it is, nor whether it is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, ScalarSelect, Select, delete, exists, func, select, update
from sqlalchemy.orm import Session

from shared.accounts.directory.listing import Child, children_of
from shared.accounts.populations import Fiche, Population, Register, entitled
from shared.acting.desk import Desk
from shared.models.access.ties import AccountTie, ProposedFiche, TieState
from shared.models.accounts import Account
from shared.models.journal import Action
from shared.rows.paging import by_name, name_key
from shared.rows.prepared import ESTABLISHMENT_ID, TODAY, Day, Number

PAGE = 50


@dataclass(frozen=True)
class WaitingFiche:
    """A fiche whose holder has an account elsewhere, and has not said yet whether this establishment is known."""

    fiche: Fiche
    tie: AccountTie
    children: Sequence[Child]

    @property
    def key(self) -> str:
        """Where the next page begins, after this line."""
        return name_key(self.fiche)


@dataclass(frozen=True)
class Refusal:
    """A family that said no, and the fiches that it was asked about."""

    tie: AccountTie
    fiches: Sequence[Fiche]


def count_that_wait(session: Session, establishment_id: int, population: Population, today: date) -> int:
    """How many fiches wait for the family's answer; as many as `fiches_that_wait` lists."""
    return session.scalar(select(number_that_wait(establishment_id, population, today))) or 0


def number_that_wait(establishment_id: Number, population: Population, today: Day) -> ScalarSelect[int]:
    """The same as a column of another query."""
    waiting = waiting_fiches(establishment_id, population, today).with_only_columns(population.fiche.id).subquery()
    return select(func.count()).select_from(waiting).scalar_subquery()


def fiches_that_wait(register: Register, *, after: str = "", limit: int = PAGE) -> list[WaitingFiche]:
    """Up to `limit` of them by name, from after the key `after`; two queries, however many there are."""
    table: Any = register.population.fiche
    listed = by_name(_waiting(register.population), table, limit, after=after)
    told = {ESTABLISHMENT_ID.key: register.establishment_id, TODAY.key: register.today}
    rows = register.session.execute(listed, told).all()
    children = children_of(register.session, [fiche for fiche, _ in rows], register.today)
    return [WaitingFiche(fiche, tie, children.get(fiche.id, [])) for fiche, tie in rows]


@cache
def _waiting(population: Population) -> Select[Any]:
    return waiting_fiches(ESTABLISHMENT_ID, population, TODAY)


def count_refused_unseen(session: Session, establishment_id: int, population: Population) -> int:
    """How many families said no, which nobody of the establishment has looked at."""
    return session.scalar(select(number_refused_unseen(establishment_id, population))) or 0


def number_refused_unseen(establishment_id: Number, population: Population) -> ScalarSelect[int]:
    """The same as a column of another query."""
    tie = select(AccountTie.id).where(*_unseen(establishment_id, population)).subquery()
    return select(func.count()).select_from(tie).scalar_subquery()


def refused_unseen(
    session: Session, establishment_id: int, population: Population, *, after: int = 0, limit: int = PAGE
) -> list[Refusal]:
    """Up to `limit` of them in their order, after the tie `after`; two queries."""
    wanted = select(AccountTie).where(*_unseen(establishment_id, population), AccountTie.id > after)
    ties = session.scalars(wanted.order_by(AccountTie.id).limit(limit)).all()
    fiches: dict[int, list[Fiche]] = {}
    table: Any = population.fiche
    named = select(ProposedFiche.tie_id, table).join(table, population.proposed == table.id)
    for tie_id, fiche in session.execute(named.where(ProposedFiche.tie_id.in_([tie.id for tie in ties]))):
        fiches.setdefault(tie_id, []).append(fiche)
    return [Refusal(tie, fiches.get(tie.id, ())) for tie in ties]


def note_refusals_seen(desk: Desk, population: Population, last_id: int) -> int:
    """Somebody looked at the refusals up to the tie `last_id`: « Accueil » counts them no more; how many those were."""
    chosen = (*_unseen(desk.establishment_id, population), AccountTie.id <= last_id)
    seen = update(AccountTie).where(*chosen).values(refusal_seen_at=desk.now)
    result = desk.session.execute(seen, execution_options={"synchronize_session": False})
    count = cast("CursorResult[Any]", result).rowcount
    if count:
        _forget_fiches(desk.session, desk.establishment_id, population)
        desk.note(
            Action.REFUSALS_SEEN,
            details={"count": count},
        )
    return count


def waiting_fiches(establishment_id: Number, population: Population, today: Day) -> Select[Any]:
    """The fiches that wait, each with its tie: what is counted, listed and reminded."""
    fiche: Any = population.fiche
    return (
        select(fiche, AccountTie)
        .join(ProposedFiche, population.proposed == fiche.id)
        .join(AccountTie, AccountTie.id == ProposedFiche.tie_id)
        .where(
            *entitled(population, establishment_id, today),
            AccountTie.establishment_id == establishment_id,
            AccountTie.state == TieState.PROPOSED,
            fiche.account_id.is_(None),
        )
    )


def _unseen(establishment_id: Number, population: Population) -> tuple[ColumnElement[bool], ...]:
    of_kind = exists().where(Account.id == AccountTie.account_id, Account.kind == population.kind)
    return (
        AccountTie.establishment_id == establishment_id,
        AccountTie.state == TieState.REFUSED,
        AccountTie.refusal_seen_at.is_(None),
        of_kind,
    )


def _forget_fiches(session: Session, establishment_id: int, population: Population) -> None:
    """What was kept to name them; a fiche without an account still says which one it is not."""
    seen = select(AccountTie.id).where(
        AccountTie.establishment_id == establishment_id, AccountTie.refusal_seen_at.is_not(None)
    )
    holds = exists().where(population.fiche.id == population.proposed, population.fiche.account_id.is_not(None))
    session.execute(
        delete(ProposedFiche).where(ProposedFiche.tie_id.in_(seen), holds, ProposedFiche.fusion_id.is_(None)),
        execution_options={"synchronize_session": False},
    )
