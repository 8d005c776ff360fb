"""Finding an account in several establishments at once, by what a caller says (R19).

Each way of finding reads one index, in an order that it gives: a few hundred establishments cost what one does. Within
one establishment, `directory.search` finds by any part of anything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, exists, select
from sqlalchemy.orm import Session

from shared.accounts.directory.listing import Child, begins, children_of
from shared.accounts.directory.search import find_families
from shared.accounts.directory.typed import LONGEST
from shared.accounts.helping.scope import Scope
from shared.accounts.populations import GUARDIANS, STUDENTS, Fiche, Population
from shared.accounts.ties.powers import Power, Role, allows
from shared.models.access.ties import AccountTie, TieState
from shared.models.accounts import Account
from shared.models.school import Establishment, Guardian
from shared.persons.names import fold
from shared.rows.folded import says

MOST = 50
_MOST_WORDS = 4
"""Of a name: whoever types more names somebody else."""

Way = tuple[ColumnElement[bool], SQLColumnExpression[Any]]
"""A condition, and what its answers are ordered by."""


@dataclass(frozen=True)
class Found:
    """An account, as one establishment of the scope holds it."""

    population: Population
    fiche: Fiche
    account: Account | None
    """None of somebody who has none yet."""
    school: Establishment
    children: Sequence[Child]


def find_accounts(session: Session, scope: Scope, text: str, today: date, *, limit: int = MOST) -> list[Found]:
    """Up to `limit` accounts of the scope whose identifier or name begins so, or whose address is `text`.

    The name of a guardian is found with its words in any order; students are found by identifier or address. An account
    that several establishments hold is there once for each of the scope.
    """
    typed = text.strip().lower()[:LONGEST]
    if not typed:
        return []
    found: dict[tuple[str, int], tuple[Population, Any]] = {}
    for population in (GUARDIANS, STUDENTS):
        for way in _ways(population, typed):
            for row in session.execute(_chosen(scope, population, way).limit(limit)):
                found.setdefault((population.kind, row[0].id), (population, row))
    return list(_told(session, list(found.values())[:limit], today))


def find_in_school(
    session: Session, school: Establishment, text: str, today: date, *, limit: int = MOST
) -> list[Found]:
    """Up to `limit` persons of one establishment, by any part of whatever is known of them (`directory.search`)."""
    hits = find_families(session, school.id, (GUARDIANS, STUDENTS), text, today, limit=limit)
    return [Found(hit.population, hit.fiche, hit.account, school, hit.children) for hit in hits]


def schools_called(session: Session, scope: Scope, text: str, *, limit: int = MOST) -> Sequence[Establishment]:
    """The establishments of the scope whose UAI begins, or whose name goes on, with `text`, by UAI."""
    named = Establishment.uai.startswith(text.upper(), autoescape=True) | says(Establishment.name, text)
    called = select(Establishment).where(named, scope.condition(Establishment.id))
    return session.scalars(called.order_by(Establishment.uai).limit(limit)).all()


def _ways(population: Population, typed: str) -> Iterator[Way]:
    """How what was typed may name somebody, and its order; each is asked apart, so that each follows its index."""
    fiche = population.fiche
    if "@" in typed:
        yield Account.email == typed, Account.id
        if fiche is Guardian:
            yield Guardian.email == typed, Guardian.id
        return
    if " " not in typed:
        yield begins(Account.identifier, typed), Account.identifier
    words = fold(typed).split()[:_MOST_WORDS]
    if fiche is Guardian:
        for turn in range(len(words)):
            yield begins(Guardian.name_key, " ".join([*words[turn:], *words[:turn]])), Guardian.name_key


def _chosen(scope: Scope, population: Population, way: Way) -> Select[Any]:
    fiche: Any = population.fiche
    condition, order = way
    return (
        select(fiche, Account, Establishment)
        .join(Account, Account.id == fiche.account_id)
        .join(Establishment, Establishment.id == fiche.establishment_id)
        .where(condition, scope.condition(fiche.establishment_id), _may_be_found(fiche))
        .order_by(order, fiche.id)
    )


def _may_be_found(fiche: Any) -> ColumnElement[bool]:  # noqa: ANN401 - one of two mapped classes
    """Whether what ties the establishment to the account lets the help desk find it there (R4)."""
    states = [state for state in TieState if allows(Power.FIND, state, Role.HELP_DESK)]
    tied = and_(AccountTie.account_id == Account.id, AccountTie.establishment_id == fiche.establishment_id)
    return exists().where(tied, AccountTie.state.in_(states)).correlate_except(AccountTie)


def _told(session: Session, found: Sequence[tuple[Population, Any]], today: date) -> Iterator[Found]:
    children: dict[tuple[str, int], list[Child]] = {}
    for population in (GUARDIANS, STUDENTS):
        fiches = [row[0] for of, row in found if of is population]
        for fiche_id, own in children_of(session, fiches, today).items():
            children[population.kind, fiche_id] = own
    for population, (fiche, account, school) in found:
        yield Found(population, fiche, account, school, children.get((population.kind, fiche.id), ()))
