"""Accounts that look crossed: held, before keys and identity were told apart (R31), by somebody they were not made for.

They are listed for a person to look at, and never changed: a name may have changed too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA
from sqlalchemy import Row, Select, exists, func, null, select
from sqlalchemy.orm import Session

from shared.accounts.directory.identifiers import identifier_base
from shared.accounts.populations import GUARDIANS, STUDENTS, Population
from shared.models.accounts import Account, AccountKind, AccountState
from shared.models.school import Establishment
from shared.persons.alike import PersonNames, compare_names

SLIPS = 2
"""Letters by which the last name of an identifier may differ from that of its holder: SIECLE was corrected since."""
_ROWS_AT_ONCE = 1_000


class Holder(NamedTuple):
    """A fiche that an account is held by, as the school base has it now."""

    uai: str
    key: str
    names: PersonNames
    birth_date: date | None
    """None for a guardian."""
    present: bool


@dataclass(frozen=True)
class CrossedAccount:
    """An account that somebody should look at, and why."""

    identifier: str
    kind: AccountKind
    state: AccountState
    holders: Sequence[Holder]
    reasons: Sequence[str]


def crossed_accounts(session: Session, establishment_id: int | None = None) -> Iterator[CrossedAccount]:
    """The accounts that look crossed, those of an establishment or of the whole académie; read as a stream.

    The identifier is that of nobody who holds it; or two fiches of it are of two persons, by their first names or, for
    students, their birth dates.
    """
    for population in (GUARDIANS, STUDENTS):
        for (identifier, state), holders in _held(session, population, establishment_id):
            if reasons := list(_reasons(identifier, holders)):
                yield CrossedAccount(identifier, population.kind, state, holders, reasons)


def _held(
    session: Session, population: Population, establishment_id: int | None
) -> Iterator[tuple[tuple[str, AccountState], list[Holder]]]:
    """Each account with everybody who holds it."""
    rows = session.execute(_query(population, establishment_id))
    for account, those in groupby(rows, key=lambda row: (row.identifier, row.state)):
        yield account, [_holder(row) for row in those]


def _query(population: Population, establishment_id: int | None) -> Select[Any]:
    fiche = population.fiche.__table__
    birth_date = fiche.c.birth_date if population is STUDENTS else null().label("birth_date")
    key = func.coalesce(fiche.c.former_siecle_id, fiche.c.siecle_id).label("key")
    query = (
        select(Account.identifier, Account.state, Establishment.uai, key, birth_date, fiche.c.gone_at)
        .add_columns(fiche.c.family_name, fiche.c.usage_name, fiche.c.first_name)
        .join(fiche, fiche.c.account_id == Account.id)
        .join(Establishment, Establishment.id == fiche.c.establishment_id)
        .where(Account.kind == population.kind)
        .order_by(Account.id, fiche.c.id)
    )
    if establishment_id is not None:
        here = fiche.alias()
        held_here = select(here.c.id).where(
            here.c.account_id == Account.id, here.c.establishment_id == establishment_id
        )
        query = query.where(exists(held_here))
    return query.execution_options(yield_per=_ROWS_AT_ONCE)


def _holder(row: Row[Any]) -> Holder:
    names = PersonNames(row.family_name, row.usage_name, row.first_name)
    return Holder(row.uai, row.key, names, row.birth_date, row.gone_at is None)


def _reasons(identifier: str, holders: Sequence[Holder]) -> Iterator[str]:
    if not any(_may_be_named(identifier, holder.names) for holder in holders):
        yield "l'identifiant n'est celui d'aucune des personnes qui l'ont"
    first, *others = holders
    if any(compare_names(first.names, other.names).other_first_name for other in others):
        yield "les fiches sont de personnes différentes"
    if len({holder.birth_date for holder in holders if holder.birth_date is not None}) > 1:
        yield "les dates de naissance sont différentes"


def _may_be_named(identifier: str, names: PersonNames) -> bool:
    """Whether the first letter, or the last name, is still that of the identifier: one of them may have changed."""
    series = identifier.rstrip("0123456789")
    return any(_alike(series, identifier_base(last, names.first_name)) for last in filter(None, names[:2]))


def _alike(series: str, base: str) -> bool:
    (one_first, _, one), (other_first, _, other) = series.rpartition("."), base.rpartition(".")
    return one_first == other_first or one in other or other in one or OSA.distance(one, other) <= SLIPS
