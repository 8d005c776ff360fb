"""The password chosen by the holder of an account: changed, or forgotten and chosen again (R6, R7)."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.first_login import MailTooSoon, refuse_too_soon, refuse_weak_password
from shared.accounts.mailed_links import LinkRefusal, LinkRefused, create_link, use_link
from shared.accounts.passkeys import remove_every_passkey
from shared.accounts.passwords import PasswordProblem, hash_password
from shared.accounts.sealing import Sealer
from shared.accounts.shutting_out import shut_out
from shared.accounts.trail import holder, lock, note
from shared.emails import EmailInvalid, normal_email
from shared.models.accounts import Account, AccountState, LinkPurpose, MailedLink
from shared.models.notifications import AccountMailKind
from shared.outbox import queue_account_mail

TIME_BETWEEN_RESETS = timedelta(minutes=5)
ACCOUNTS_OF_ONE_ADDRESS = 10


class PasswordRefused(Exception):
    """The new password is weak; `problem` is safe to show."""

    def __init__(self, problem: PasswordProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def change_password(
    session: Session,
    account: Account,
    password: str,
    now: datetime,
    address: str,
    *,
    token: str | None,
    sealer: Sealer | None = None,
) -> None:
    """Replace the password; every browser is logged out except the one holding `token`, and a mail tells the holder.

    Links that wait open nothing any more: not the one to another e-mail address either.

    Raises:
        PasswordRefused: the new one is weak, or with `sealer` the one that staff gave.
    """
    password_hash = _hash_if_strong(session, account, password, sealer)
    account = lock(session, account)
    _set_password(session, account, password_hash, now)
    shut_out(session, account, now, but=token)
    note(session, "password_changed", account, now, holder(account, address))


def ask_for_new_password(session: Session, email: str, now: datetime, address: str) -> None:
    """Let a link leave to every active account that confirmed this e-mail; says nothing either way (R7)."""
    try:
        email = normal_email(email)
    except EmailInvalid:
        return
    of_address = (
        select(Account)
        .where(Account.email == email, Account.email_verified_at.is_not(None))
        # While a password given by staff waits, it alone opens: whoever holds the mailbox may be why it was given.
        .where(Account.state == AccountState.ACTIVE, ~Account.must_change_password)
        .order_by(Account.id)
        .limit(ACCOUNTS_OF_ONE_ADDRESS)
    )
    for account in session.scalars(of_address).all():
        try:
            refuse_too_soon(session, account, AccountMailKind.PASSWORD_RESET, now, TIME_BETWEEN_RESETS)
        except MailTooSoon:
            continue
        link = create_link(session, account, LinkPurpose.PASSWORD_RESET, email, now)
        queue_account_mail(session, AccountMailKind.PASSWORD_RESET, account, email, now, link=link)
        note(session, "password_reset_asked", account, now, holder(account, address))


def choose_forgotten_password(
    session: Session, link: MailedLink, password: str, now: datetime, address: str, *, sealer: Sealer | None = None
) -> Account:
    """Replace a forgotten password by the one chosen behind the mailed link; every browser is logged out.

    Its passkeys go too: this is also how a family shuts out whoever came in and added one.

    Raises:
        LinkRefused: used or replaced in between, the account is no longer active, or staff gave it a password.
        PasswordRefused: the new one is weak, or with `sealer` one that staff gave; the link still opens.
    """
    account = session.get_one(Account, link.account_id)
    password_hash = _hash_if_strong(session, account, password, sealer)
    account = use_link(session, link, now)
    if account.state is not AccountState.ACTIVE or account.must_change_password:
        raise LinkRefused(LinkRefusal.USED, link.purpose)
    _set_password(session, account, password_hash, now)
    shut_out(session, account, now)
    remove_every_passkey(session, account, now, holder(account, address))
    note(session, "password_reset", account, now, holder(account, address))
    return account


def _hash_if_strong(session: Session, account: Account, password: str, sealer: Sealer | None) -> str:
    # Hashed before the row is locked: others need not wait for it.
    problem = refuse_weak_password(session, account, password, account.email, sealer)
    if problem is not None:
        raise PasswordRefused(problem)
    return hash_password(password)


def _set_password(session: Session, account: Account, password_hash: str, now: datetime) -> None:
    account.password_hash = password_hash
    account.initial_password = None
    account.must_change_password = False
    if account.email and account.email_verified_at:
        queue_account_mail(session, AccountMailKind.PASSWORD_CHANGED, account, account.email, now)
