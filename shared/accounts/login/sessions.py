"""Browsers in which somebody is logged in to an account."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.state_policy import OPEN
from shared.limits.browsers import OF_ACCOUNTS
from shared.models.accounts import Account, AccountSession

# Written once: every page asks for it.
_OF_BROWSER = (
    select(Account)
    .join(AccountSession, AccountSession.account_id == Account.id)
    .where(OF_ACCOUNTS.held(), Account.state.in_(OPEN))
)


def open_session(session: Session, account: Account, now: datetime, address: str, browser: str) -> str:
    """Log a browser in, and return the token that only its cookie holds."""
    return OF_ACCOUNTS.open(session, account.id, now, address, browser)


def account_of(session: Session, token: str, now: datetime) -> Account | None:
    """The account in which the browser holding `token` is logged in; none once it was closed, merged or disabled."""
    return session.scalars(_OF_BROWSER, OF_ACCOUNTS.named(token, now)).one_or_none()


def close_session(session: Session, token: str) -> None:
    """Log one browser out: its cookie opens nothing any more, even replayed."""
    OF_ACCOUNTS.close(session, token)


def close_sessions(session: Session, account_id: int, *, but: str | None = None) -> None:
    """Log every browser of an account out, except the one holding the token `but`."""
    OF_ACCOUNTS.close_all(session, account_id, but=but)
