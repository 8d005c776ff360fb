"""What the holder of an account sees of who came in: browsers still open, and the last logins (from the journal)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.login.passkey_login import BY_PASSKEY
from shared.limits.browsers import OF_ACCOUNTS
from shared.models.accounts import Account, AccountSession
from shared.models.journal import Action, JournalEvent

LAST = 10
VISITS = (Action.LOGIN, Action.LOGIN_REFUSED, Action.PASSKEY_REFUSED)


@dataclass(frozen=True)
class OpenBrowser:
    """A browser in which somebody is logged in to the account."""

    since: datetime
    address: str | None
    browser: str | None
    """As the browser calls itself."""
    is_this_one: bool


@dataclass(frozen=True)
class Visit:
    """A login, or a refusal."""

    at: datetime
    address: str | None
    accepted: bool
    by_passkey: bool


def open_browsers(session: Session, account: Account, token: str, now: datetime) -> Sequence[OpenBrowser]:
    """The browsers logged in to `account`, newest first; the one that asks holds `token`."""
    of_account = select(AccountSession, OF_ACCOUNTS.holds(token, now)).where(
        AccountSession.account_id == account.id, AccountSession.expires_at > now
    )
    rows = session.execute(of_account.order_by(AccountSession.id.desc()).limit(LAST))
    return [OpenBrowser(row.created_at, row.address, row.browser, is_this_one) for row, is_this_one in rows]


def last_visits(session: Session, account: Account) -> Sequence[Visit]:
    """The last logins to `account`, and the wrong passwords and passkeys between them, newest first."""
    events = select(JournalEvent.at, JournalEvent.address, JournalEvent.action, JournalEvent.details).where(
        JournalEvent.account_id == account.id, JournalEvent.action.in_(VISITS)
    )
    rows = session.execute(events.order_by(JournalEvent.id.desc()).limit(LAST))
    return [
        Visit(at, address, action == Action.LOGIN, action == Action.PASSKEY_REFUSED or details == BY_PASSKEY)
        for at, address, action, details in rows
    ]
