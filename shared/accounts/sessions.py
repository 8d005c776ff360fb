"""Browsers in which somebody is logged in to an account: one row each, so that logging out really ends it."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.models.accounts import Account, AccountSession, AccountState

LIFETIME = timedelta(hours=8)
OPEN_STATES = (AccountState.NOT_NOTIFIED, AccountState.NOTIFIED, AccountState.ACTIVATING, AccountState.ACTIVE)


def open_session(session: Session, account: Account, now: datetime, address: str, browser: str) -> str:
    """Log a browser in, and return the token that only its cookie holds."""
    token = secrets.token_urlsafe(32)
    session.add(
        AccountSession(
            token_hash=_hash(token),
            account_id=account.id,
            created_at=now,
            expires_at=now + LIFETIME,
            address=address[:45],
            browser=browser[:200],
        )
    )
    return token


def account_of(session: Session, token: str, now: datetime) -> Account | None:
    """The account in which the browser holding `token` is logged in; none once it was closed, merged or disabled."""
    return session.scalars(
        select(Account)
        .join(AccountSession, AccountSession.account_id == Account.id)
        .where(AccountSession.token_hash == _hash(token), AccountSession.expires_at > now)
        .where(Account.state.in_(OPEN_STATES))
    ).one_or_none()


def close_session(session: Session, token: str) -> None:
    """Log one browser out: its cookie opens nothing any more, even replayed."""
    session.execute(delete(AccountSession).where(AccountSession.token_hash == _hash(token)))


def close_sessions(session: Session, account_id: int, *, but: str | None = None) -> None:
    """Log every browser of an account out, except the one holding the token `but`."""
    others = delete(AccountSession).where(AccountSession.account_id == account_id)
    session.execute(others if but is None else others.where(AccountSession.token_hash != _hash(but)))


def remove_expired_sessions(session: Session, now: datetime) -> None:
    """For the daily job."""
    session.execute(delete(AccountSession).where(AccountSession.expires_at <= now))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
