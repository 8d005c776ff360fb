"""Changing the e-mail of an active account: the new address confirms, the old one is told (R7)."""

from datetime import timedelta

from shared.accounts.login.first_login import refuse_too_soon
from shared.accounts.login.mailed_links import create_link, use_link, withdraw_links
from shared.accounts.state_policy import USED
from shared.accounts.trail import act_of, lock, note
from shared.acting.caller import Caller
from shared.emails import normal_email
from shared.models.accounts import Account, LinkPurpose, MailedLink
from shared.models.journal import Action
from shared.models.notifications import AccountMailKind
from shared.outbox import AccountMessage, queue_account_mail

TIME_BETWEEN_CHANGES = timedelta(minutes=1)


def ask_for_new_email(caller: Caller, account: Account, email: str) -> None:
    """Send a link to the new address; nothing changes before its button is pressed. The present address is told.

    Whoever is told and asked for nothing chooses another password, which makes the link open nothing.

    Raises:
        EmailInvalid: it is no e-mail address.
        MailTooSoon: a mail left less than a minute ago.
    """
    email = normal_email(email)
    account = lock(caller.session, account)
    refuse_too_soon(caller.session, account, AccountMailKind.EMAIL_CHANGE, caller.now, TIME_BETWEEN_CHANGES)
    link = create_link(caller.session, account, LinkPurpose.EMAIL_CHANGE, email, caller.now)
    queue_account_mail(
        caller.session, AccountMessage(AccountMailKind.EMAIL_CHANGE, link=link), account, email, caller.now
    )
    if account.email and account.email_verified_at and account.email != email:
        asked = AccountMailKind.EMAIL_CHANGE_ASKED
        queue_account_mail(
            caller.session, AccountMessage(asked, details={"email": email}), account, account.email, caller.now
        )
    note(act_of(caller, account), Action.EMAIL_CHANGE_ASKED, account)


def confirm_new_email(caller: Caller, link: MailedLink) -> Account:
    """The button behind the link was pressed: the new address counts, and the old one is told.

    Links to choose a forgotten password that left to the old address open nothing any more.

    Raises:
        LinkRefused: used or replaced in between.
    """
    account = use_link(caller.session, link, caller.now)
    if account.state not in USED:
        return account
    old = account.email
    account.email = link.email
    account.email_verified_at = caller.now
    withdraw_links(caller.session, account, LinkPurpose.PASSWORD_RESET, caller.now)
    if old and old != link.email:
        queue_account_mail(
            caller.session,
            AccountMessage(AccountMailKind.EMAIL_CHANGED, details={"email": link.email}),
            account,
            old,
            caller.now,
        )
    note(act_of(caller, account), Action.EMAIL_CHANGED, account)
    return account
