"""A family is told when its account is opened with a browser that it never used: it may not be the family (R27)."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shared.accounts.login.first_login import MailTooSoon, refuse_too_soon
from shared.accounts.state_policy import USED
from shared.limits.familiar_places import OF_ACCOUNTS
from shared.limits.security_policy import tells_of_new_devices
from shared.models.accounts import Account
from shared.models.notifications import AccountMailKind
from shared.outbox import AccountMessage, queue_account_mail

TIME_BETWEEN_MAILS = timedelta(hours=1)
"""A browser that keeps no cookie is new each time."""


def tell_of_new_device(session: Session, account: Account, now: datetime) -> None:
    """Let a mail leave to the verified address, unless the académie does without.

    Not at the first login, nor at the first one after a stranger was shut out: no browser was known then. To be called
    before the browser is noted.
    """
    is_told = account.state in USED and account.email and account.email_verified_at
    if not is_told or not OF_ACCOUNTS.is_any_known(session, account.id, now) or not tells_of_new_devices(session):
        return
    try:
        refuse_too_soon(session, account, AccountMailKind.NEW_DEVICE, now, TIME_BETWEEN_MAILS)
    except MailTooSoon:
        return
    assert account.email is not None  # noqa: S101 - asked above
    queue_account_mail(session, AccountMessage(AccountMailKind.NEW_DEVICE), account, account.email, now)
