"""What the holder of an account does, written in the journal (R27)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from shared.acting.caller import Caller
from shared.acting.desk import Act
from shared.journal import Actor
from shared.models.access.ties import AccountTie, TieState
from shared.models.accounts import Account
from shared.models.journal import Action, ActorKind
from shared.models.school import Establishment, Guardian, Student


def holder(account: Account, address: str | None) -> Actor:
    """The holder of `account`, acting from the network `address`."""
    return Actor(ActorKind.ACCOUNT, account.identifier, account.id, address)


def act_of(caller: Caller, account: Account) -> Act:
    """What the holder of `account` does, who called."""
    return caller.by(holder(account, caller.address))


def note(act: Act, action: Action, account: Account, details: Mapping[str, Any] | None = None) -> None:
    """Write that `actor` did `action` on `account`; which school it concerns is told by the fiches of the account."""
    act.record(action, account_id=account.id, subject=account.identifier, details=details)


def note_in_every_school(
    act: Act, action: Action, account: Account, details: Mapping[str, Any] | None = None, *, by: int | None = None
) -> None:
    """Write that `actor` did `action` on `account` in the journal of each establishment whose fiches hold it (R4).

    `by` is the establishment that `actor` acted for. The others read its name, not who works there nor from where.
    """
    act.session.flush()
    holding = (
        exists().where(fiche.account_id == account.id, fiche.establishment_id == AccountTie.establishment_id)
        for fiche in (Guardian, Student)
    )
    schools = (
        select(Account.id, Account.identifier, AccountTie.establishment_id)
        .join(AccountTie, AccountTie.account_id == Account.id)
        .where(Account.id == account.id, AccountTie.state == TieState.CONFIRMED, or_(*holding))
    )
    if by is not None:
        subject = account.identifier
        act.record(action, establishment_id=by, account_id=account.id, subject=subject, details=details)
        schools = schools.where(AccountTie.establishment_id != by)
        act = replace(act, actor=Actor(act.actor.kind, act.session.get_one(Establishment, by).name))
    act.record_for_accounts(action, schools, details)


def lock(session: Session, account: Account) -> Account:
    """The account as it is now, and nobody else's to change until the transaction ends."""
    locked = select(Account).where(Account.id == account.id).with_for_update()
    return session.scalars(locked, execution_options={"populate_existing": True}).one()
