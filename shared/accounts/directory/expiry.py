"""Accounts nobody activated in three months are erased, with their e-mail (R9)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, delete, exists, or_, select
from sqlalchemy.orm import Session

from shared.accounts.state_policy import EXPIRING
from shared.acting.desk import Act
from shared.models.accounts import Account, AccountErasure, AccountMerge, AccountState
from shared.models.fusions import AccountFate, FusedFiche, Fusion
from shared.models.journal import Action
from shared.models.school import Guardian, Student
from shared.rows.prepared import Day, derived

SOON = timedelta(days=14)
ROWS_AT_ONCE = 1_000


def expires_soon(today: Day) -> ColumnElement[bool]:
    """Whether an account is erased within two weeks, or its erasure was announced (R33): « expire bientôt »."""
    announced = select(AccountErasure.account_id).where(AccountErasure.account_id == Account.id)
    return or_(Account.expires_on <= derived(today, _soon_after, Date()), exists(announced))


def _soon_after(today: date) -> date:
    return today + SOON


def expire_accounts(act: Act, today: date, *, limit: int = ROWS_AT_ONCE) -> int:
    """Erase what was due by `today`, the local day; the fiches stay, and so do the identifiers, never given again.

    At most `limit` accounts, and those absorbed by them: to be called again, each time in a transaction of its own,
    until none is left. Whoever logs in waits for one such transaction, however many accounts are due.

    Writes one event for each establishment concerned. An account that staff gave a new identifier to may hold accounts
    absorbed while it was active: they go with it. One that was disabled with the fiche it was of, absorbed as a
    duplicate, goes on the day it would have gone. Returns the number of accounts erased.
    """
    waiting = select(Account.id).where(Account.state.in_(EXPIRING), Account.expires_on <= today)
    absorbed = _disabled_as_duplicates(Account.id).where(FusedFiche.account_expires_on <= today)
    due = select(Account.id).where(or_(Account.id.in_(waiting), Account.id.in_(absorbed))).order_by(Account.id)
    chosen = act.session.scalars(due.limit(limit).with_for_update()).all()
    erased = with_absorbed(act.session, chosen)
    for start in range(0, len(erased), ROWS_AT_ONCE):
        _erase(act, erased[start : start + ROWS_AT_ONCE])
    return len(erased)


def with_absorbed(session: Session, chosen: Sequence[int]) -> list[int]:
    """The accounts chosen and those that they absorbed, in the order in which they can be deleted."""
    leading = select(Account.id).where(Account.id.in_(chosen)).cte(recursive=True)
    leading = leading.union_all(select(Account.id).join(leading, Account.merged_into_id == leading.c.id))
    # Those absorbed go before those they lead to, which the recursion finds first.
    return list(session.scalars(select(leading.c.id)))[::-1]


def _disabled_as_duplicates(*columns: Any) -> Select[Any]:  # noqa: ANN401 - columns of the tables joined
    """The accounts that standing fusions of duplicates disabled."""
    return (
        select(*columns)
        .join(FusedFiche, FusedFiche.account_id == Account.id)
        .join(Fusion, Fusion.id == FusedFiche.fusion_id)
        .where(
            Account.state == AccountState.DISABLED,
            FusedFiche.account_fate == AccountFate.DISABLED,
            Fusion.undone_at.is_(None),
        )
    )


def _erase(act: Act, ids: list[int]) -> None:
    for fiche in (Guardian, Student):
        chosen = (
            select(Account.id, Account.identifier, fiche.establishment_id)
            .join(fiche, fiche.account_id == Account.id)
            .where(Account.id.in_(ids))
            .distinct()
        )
        act.record_for_accounts(Action.ACCOUNT_EXPIRED, chosen)
    fused = _disabled_as_duplicates(Account.id, Account.identifier, Fusion.establishment_id).distinct()
    act.record_for_accounts(Action.ACCOUNT_EXPIRED, fused.where(Account.id.in_(ids)))
    delete_accounts(act.session, ids)


def delete_accounts(session: Session, ids: Sequence[int]) -> None:
    """Delete them with all that is theirs; the fiches stay, and so do the identifiers, never given again."""
    session.execute(delete(AccountMerge).where(AccountMerge.kept_id.in_(ids) | AccountMerge.absorbed_id.in_(ids)))
    session.execute(delete(Account).where(Account.id.in_(ids)))
