"""What the holder of an account does, written in the journal (R27)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from shared.journal import Actor, record, record_for_accounts
from shared.models.access.ties import AccountTie, TieState
from shared.models.accounts import Account
from shared.models.journal import Action, ActorKind
from shared.models.school import Establishment, Guardian, Student


def holder(account: Account, address: str | None) -> Actor:
    """The holder of `account`, acting from the network `address`."""
    return Actor(ActorKind.ACCOUNT, account.identifier, account.id, address)


def note(
    session: Session,
    action: Action,
    account: Account,
    now: datetime,
    actor: Actor,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write that `actor` did `action` on `account`; which school it concerns is told by the fiches of the account."""
    record(session, action, actor, now, account_id=account.id, subject=account.identifier, details=details)


def note_in_every_school(
    session: Session,
    action: Action,
    account: Account,
    now: datetime,
    actor: Actor,
    details: Mapping[str, Any] | None = None,
    *,
    by: int | None = None,
) -> None:
    """Write that `actor` did `action` on `account` in the journal of each establishment whose fiches hold it (R4).

    `by` is the establishment that `actor` acted for. The others read its name, not who works there nor from where.
    """
    session.flush()
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
        record(
            session, action, actor, now, establishment_id=by, account_id=account.id, subject=subject, details=details
        )
        schools = schools.where(AccountTie.establishment_id != by)
        actor = Actor(actor.kind, session.get_one(Establishment, by).name)
    record_for_accounts(session, action, actor, now, schools, details)


def lock(session: Session, account: Account) -> Account:
    """The account as it is now, and nobody else's to change until the transaction ends."""
    locked = select(Account).where(Account.id == account.id).with_for_update()
    return session.scalars(locked, execution_options={"populate_existing": True}).one()
