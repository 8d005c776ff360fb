"""The password chosen by the holder of an account: changed, or forgotten and chosen again (R6, R7)."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.passwords import NewPassword, PasswordReplaced
from shared.accounts.login.first_login import MailTooSoon, opening_of, refuse_too_soon, take_password
from shared.accounts.login.mailed_links import LinkRefusal, LinkRefused, create_link, use_link
from shared.accounts.login.passkeys import remove_every_passkey
from shared.accounts.login.password_login import account_kept_by_merges, normal_identifier
from shared.accounts.login.shutting_out import shut_out
from shared.accounts.state_policy import USED, Opens, what_opens
from shared.accounts.trail import act_of, lock, note
from shared.acting.caller import Caller
from shared.emails import EmailInvalid, normal_email
from shared.models.accounts import Account, LinkPurpose, MailedLink
from shared.models.journal import Action
from shared.models.notifications import AccountMailKind
from shared.outbox import AccountMessage, queue_account_mail

TIME_BETWEEN_RESETS = timedelta(minutes=5)
TIME_BETWEEN_RESETS_BY_IDENTIFIER = timedelta(hours=1)
"""Longer: identifiers are easy to guess, and each mail is read by a family that may not have asked for it."""
ACCOUNTS_OF_ONE_ADDRESS = 10


def change_password(caller: Caller, account: Account, new: NewPassword) -> None:
    """Replace the password; every browser is logged out except the one holding `token`, and a mail tells the holder.

    Links that wait open nothing any more: not the one to another e-mail address either.

    Raises:
        PasswordReplaced: while the new one was judged, another one was given or chosen.
    """
    account = lock(caller.session, account)
    new.require_present(opening_of(account))
    _take_password(caller, account, new)
    shut_out(caller.session, account, caller.now, but=caller.token)
    note(act_of(caller, account), Action.PASSWORD_CHANGED, account)


def ask_for_new_password(caller: Caller, typed: str) -> None:
    """Let a link leave to each active account of an e-mail address, or to that of an identifier (R7).

    It leaves to the address that the account confirmed, whatever was typed; says nothing either way.
    """
    interval = TIME_BETWEEN_RESETS if "@" in typed else TIME_BETWEEN_RESETS_BY_IDENTIFIER
    for account in _accounts_of(caller.session, typed):
        try:
            refuse_too_soon(caller.session, account, AccountMailKind.PASSWORD_RESET, caller.now, interval)
        except MailTooSoon:
            continue
        email = account.email or ""
        link = create_link(caller.session, account, LinkPurpose.PASSWORD_RESET, email, caller.now)
        queue_account_mail(
            caller.session, AccountMessage(AccountMailKind.PASSWORD_RESET, link=link), account, email, caller.now
        )
        note(act_of(caller, account), Action.PASSWORD_RESET_ASKED, account)


def _accounts_of(session: Session, typed: str) -> Sequence[Account]:
    """The accounts that what was typed names, of those that a mail may open again."""
    if "@" not in typed:
        named = select(Account).where(Account.identifier == normal_identifier(typed))
        account = session.scalars(named).one_or_none()
        if account is None:
            return []
        whose = Account.id == account_kept_by_merges(session, account).id
    else:
        try:
            whose = Account.email == normal_email(typed)
        except EmailInvalid:
            return []
    # While a password given by staff waits, it alone opens: whoever holds the mailbox may be why it was given.
    may_ask = Account.email_verified_at.is_not(None), Account.state.in_(USED), ~Account.must_change_password
    found = select(Account).where(whose, *may_ask).order_by(Account.id)
    return session.scalars(found.limit(ACCOUNTS_OF_ONE_ADDRESS)).all()


def choose_forgotten_password(caller: Caller, link: MailedLink, new: NewPassword) -> Account:
    """Replace a forgotten password by the one chosen behind the mailed link; every browser is logged out.

    Its passkeys go too: this is also how a family shuts out whoever came in and added one.

    Raises:
        LinkRefused: used or replaced in between, the account is no longer active, or staff gave it a password.
    """
    account = use_link(caller.session, link, caller.now)
    if what_opens(account) is not Opens.PORTAL:
        raise LinkRefused(LinkRefusal.USED, link.purpose)
    try:
        new.require_present(opening_of(account))
    except PasswordReplaced:
        raise LinkRefused(LinkRefusal.USED, link.purpose) from None
    _take_password(caller, account, new)
    shut_out(caller.session, account, caller.now)
    remove_every_passkey(act_of(caller, account), account)
    note(act_of(caller, account), Action.PASSWORD_RESET, account)
    return account


def _take_password(caller: Caller, account: Account, new: NewPassword) -> None:
    take_password(caller.session, account, new, caller.now)
    if account.email and account.email_verified_at:
        queue_account_mail(
            caller.session, AccountMessage(AccountMailKind.PASSWORD_CHANGED), account, account.email, caller.now
        )
