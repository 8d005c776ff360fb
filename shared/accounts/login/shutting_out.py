"""Shuts everybody out of an account: who is logged in to it, and what was begun and not yet ended."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.accounts.login.mailed_links import withdraw_links
from shared.accounts.login.passkey_challenges import withdraw_challenges
from shared.accounts.login.sessions import close_sessions
from shared.accounts.trail import act_of, note
from shared.acting.caller import Caller
from shared.models.access.self_activations import SelfActivation
from shared.models.accounts import Account
from shared.models.journal import Action
from shared.models.sending.sms import SmsCode


def shut_out(session: Session, account: Account, now: datetime, *, but: str | None = None) -> None:
    """Log every browser of `account` out, except the one holding the token `but`, and let nothing pending come true.

    Whatever ends sessions because a stranger may have come in calls this: a link to another e-mail address, to a new
    password or to an activation, with the letter or without, and the question put to a passkey, would let the stranger
    end later what was begun before. The password and the passkeys themselves are the caller's to replace.
    """
    close_sessions(session, account.id, but=but)
    withdraw_links(session, account, None, now)
    withdraw_challenges(session, account.id)
    unused = update(SelfActivation).where(SelfActivation.account_id == account.id, SelfActivation.used_at.is_(None))
    session.execute(unused.values(used_at=now), execution_options={"synchronize_session": "fetch"})
    untyped = update(SmsCode).where(SmsCode.account_id == account.id, SmsCode.used_at.is_(None))
    session.execute(untyped.values(used_at=now), execution_options={"synchronize_session": "fetch"})


def log_out_everywhere(caller: Caller, account: Account) -> None:
    """Log every browser of `account` out, because its holder asks for it."""
    shut_out(caller.session, account, caller.now)
    note(act_of(caller, account), Action.LOGGED_OUT_EVERYWHERE, account)
