"""The accounts of one establishment, in the order that staff ask for (R19)."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import SQLColumnExpression, case, func, select

from shared.accounts.directory.listing import PAGE, Entry, Filters, children_of, listed_accounts
from shared.accounts.populations import Register
from shared.models.accounts import Account, AccountState
from shared.rows.sorted_paging import Place, Slice, SortKey, read_page, sort_keys

BEGINNING = Place()


class Sort(enum.StrEnum):
    """What the list can be sorted by; the value is its name in addresses."""

    NAME = "nom"
    IDENTIFIER = "identifiant"
    STATE = "etat"
    EMAIL = "courriel"


@dataclass(frozen=True)
class Asked:
    """Which part of the list is looked at, and in which order."""

    sort: Sort = Sort.NAME
    descending: bool = False
    place: Place = BEGINNING
    size: int = PAGE


def sorted_accounts(register: Register, filters: Filters, asked: Asked) -> Slice[Entry]:
    """One page of the accounts that `filters` keep; those of equal standing by name, those without a value last.

    Four queries, however many there are.
    """
    fiche: Any = register.population.fiche
    rows = listed_accounts(register.establishment_id, register.population, filters, register.today).with_only_columns(
        fiche
    )
    by_name = SortKey(fiche.name_key, asked.descending)
    keys = (by_name,) if asked.sort is Sort.NAME else (*_keys(fiche, asked), by_name)
    found: Slice[Any] = read_page(register.session, rows, fiche.id, keys, asked.place, asked.size)
    held = select(Account).where(Account.id.in_([one.account_id for one in found.rows]))
    accounts = {account.id: account for account in register.session.scalars(held)}
    children = children_of(register.session, found.rows, register.today)
    entries = [Entry(one, accounts[one.account_id], children.get(one.id, [])) for one in found.rows]
    return Slice(entries, found.previous, found.next)


def _keys(fiche: Any, asked: Asked) -> tuple[SortKey, ...]:  # noqa: ANN401 - a table of fiches
    column, may_be_empty = _COLUMNS[asked.sort](fiche), asked.sort is Sort.EMAIL
    return sort_keys(column, descending=asked.descending, may_be_empty=may_be_empty)


def _identifier(_fiche: Any) -> SQLColumnExpression[Any]:  # noqa: ANN401 - a table of fiches
    return Account.identifier


def _state(_fiche: Any) -> SQLColumnExpression[Any]:  # noqa: ANN401 - a table of fiches
    # In the order in which an account goes through them, not in that of the letters.
    return case({state.value: rank for rank, state in enumerate(AccountState)}, value=Account.state)


def _email(fiche: Any) -> SQLColumnExpression[Any]:  # noqa: ANN401 - a table of fiches
    # That of the account where there is one: what the list shows.
    return func.lower(func.coalesce(Account.email, fiche.email))


_COLUMNS: Mapping[Sort, Callable[[Any], SQLColumnExpression[Any]]] = {
    Sort.IDENTIFIER: _identifier,
    Sort.STATE: _state,
    Sort.EMAIL: _email,
}
