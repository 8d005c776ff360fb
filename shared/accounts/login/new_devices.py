"""A family is told when its account is opened with a browser that it never used: it may not be the family (R27)."""

from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.orm import Session

from shared.accounts.state_policy import USED
from shared.limits.familiar_places import OF_ACCOUNTS, within_a_year
from shared.limits.security_policy import NEW_DEVICES_ARE_TOLD
from shared.models.accounts import Account
from shared.models.notifications import AccountMail, AccountMailKind
from shared.outbox import AccountMessage, queue_account_mail

TIME_BETWEEN_MAILS = timedelta(hours=1)
"""A browser that keeps no cookie is new each time."""

_TOLD_LATELY = exists(
    select(AccountMail.id).where(
        AccountMail.account_id == bindparam("of_owner"),
        AccountMail.kind == AccountMailKind.NEW_DEVICE,
        AccountMail.created_at > bindparam("lately"),
    )
)
# Written once: every login with such a browser asks for it.
_IS_TOLD = select(
    and_(
        OF_ACCOUNTS.any_known(),
        NEW_DEVICES_ARE_TOLD,
        ~_TOLD_LATELY,
    )
)


def tell_of_new_device(session: Session, account: Account, now: datetime) -> None:
    """Let a mail leave to the verified address, unless the académie does without.

    Not at the first login, nor at the first one after a stranger was shut out: no browser was known then. To be called
    before the browser is noted.
    """
    if account.state not in USED or not account.email or not account.email_verified_at:
        return
    asked = {"of_owner": account.id, "lately": now - TIME_BETWEEN_MAILS, **within_a_year(now)}
    if session.scalar(_IS_TOLD, asked):
        queue_account_mail(session, AccountMessage(AccountMailKind.NEW_DEVICE), account, account.email, now)
