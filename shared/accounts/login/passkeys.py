"""The passkeys of an account: listed, renamed, removed; `passkey_adding` adds them.

A passkey is a way in beside the password, never instead of it: whoever loses the telephone still has the password.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.accounts.login.passkey_challenges import PasskeyRefusal, PasskeyRefused
from shared.accounts.login.shutting_out import shut_out
from shared.accounts.trail import act_of, lock, note
from shared.acting.caller import Caller
from shared.acting.desk import Act
from shared.models.access.passkeys import PASSKEY_NAME_LENGTH, Passkey
from shared.models.accounts import Account
from shared.models.journal import Action
from shared.models.notifications import AccountMailKind
from shared.outbox import AccountMessage, queue_account_mail


class PasskeyNotFound(Exception):
    """The account has no such passkey: another one may have it, which must not show."""


def passkeys_of(session: Session, account: Account) -> Sequence[Passkey]:
    """The passkeys of `account`, oldest first."""
    return session.scalars(select(Passkey).where(Passkey.account_id == account.id).order_by(Passkey.id)).all()


def own_passkey(session: Session, account: Account, passkey_id: int) -> Passkey:
    """One passkey of `account`.

    Raises:
        PasskeyNotFound: it has no such one.
    """
    own = select(Passkey).where(Passkey.id == passkey_id, Passkey.account_id == account.id)
    passkey = session.scalars(own).one_or_none()
    if passkey is None:
        raise PasskeyNotFound
    return passkey


def rename_passkey(caller: Caller, account: Account, passkey_id: int, name: str) -> None:
    """Call a passkey of `account` something else.

    Raises:
        PasskeyNotFound: it has no such one.
        PasskeyRefused: the name is empty.
    """
    passkey, name = own_passkey(caller.session, account, passkey_id), tidy_name(name)
    if name != passkey.name:
        passkey.name = name
        note(act_of(caller, account), Action.PASSKEY_RENAMED, account, {"passkey": passkey.id})


def remove_passkey(caller: Caller, account: Account, passkey_id: int) -> None:
    """Remove a passkey of `account`: it opens nothing any more, and no browser but the one holding `token` stays open.

    Whoever lost a telephone need not think of the second half. A mail tells the holder.

    Raises:
        PasskeyNotFound: it has no such one.
    """
    account = lock(caller.session, account)
    passkey = own_passkey(caller.session, account, passkey_id)
    caller.session.delete(passkey)
    shut_out(caller.session, account, caller.now, but=caller.token)
    note(act_of(caller, account), Action.PASSKEY_REMOVED, account, {"passkey": passkey.id})
    tell_holder(caller.session, AccountMailKind.PASSKEYS_REMOVED, account, caller.now)


def remove_every_passkey(act: Act, account: Account, *, tell: bool = True) -> None:
    """Remove the passkeys of `account`, because somebody else may have added one; the caller holds its row.

    A mail tells the holder, unless the address may be the stranger's (`tell`).
    """
    removed = act.session.scalars(delete(Passkey).where(Passkey.account_id == account.id).returning(Passkey.id)).all()
    if not removed:
        return
    note(act, Action.PASSKEYS_REMOVED, account, {"count": len(removed)})
    if tell:
        tell_holder(act.session, AccountMailKind.PASSKEYS_REMOVED, account, act.now)


def tidy_name(name: str) -> str:
    """What a holder calls a passkey, on one line, of a bounded length.

    Raises:
        PasskeyRefused: nothing is left of it.
    """
    tidy = " ".join("".join(filter(str.isprintable, " ".join(name.split()))).split())[:PASSKEY_NAME_LENGTH].strip()
    if not tidy:
        raise PasskeyRefused(PasskeyRefusal.NO_NAME)
    return tidy


def tell_holder(session: Session, kind: AccountMailKind, account: Account, now: datetime) -> None:
    """Leave a mail for the holder, whose address is known to be theirs."""
    if account.email and account.email_verified_at:
        queue_account_mail(session, AccountMessage(kind), account, account.email, now)
