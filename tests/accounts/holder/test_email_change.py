"""R7: another e-mail counts once it is confirmed, and the old one is told."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.holder.email_change import ask_for_new_email, confirm_new_email
from shared.accounts.holder.own_password import (
    ask_for_new_password,
)
from shared.accounts.login.first_login import MailTooSoon
from shared.accounts.login.mailed_links import LinkRefused
from shared.acting.caller import Caller
from shared.emails import EmailInvalid
from shared.models.accounts import Account, AccountState, LinkPurpose, MailedLink
from shared.models.notifications import AccountMail, AccountMailKind
from tests.choosing import choose_forgotten_password
from tests.factories import NOW, make_account

HOME = "198.51.100.7"
OLD, NEW = "ancienne@example.org", "nouvelle@example.org"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def marie(session: Session) -> Account:
    return make_account(session, "m.payet", email=OLD)


def link_for(session: Session, purpose: LinkPurpose) -> MailedLink:
    return session.scalars(
        select(MailedLink).where(MailedLink.purpose == purpose).order_by(MailedLink.id.desc())
    ).first() or pytest.fail("no link")


def test_nothing_changes_before_the_new_address_confirms(session: Session, marie: Account) -> None:
    ask_for_new_email(Caller(session, NOW, HOME), marie, " Nouvelle@Example.org ")
    assert marie.email == OLD
    mails = session.execute(select(AccountMail.kind, AccountMail.recipient).order_by(AccountMail.id)).all()
    assert mails == [(AccountMailKind.EMAIL_CHANGE, NEW), (AccountMailKind.EMAIL_CHANGE_ASKED, OLD)]


def test_once_confirmed_it_counts_and_the_old_address_is_told(session: Session, marie: Account) -> None:
    ask_for_new_email(Caller(session, NOW, HOME), marie, NEW)
    confirm_new_email(Caller(session, LATER, HOME), link_for(session, LinkPurpose.EMAIL_CHANGE))
    assert (marie.email, marie.email_verified_at) == (NEW, LATER)
    told = session.scalars(select(AccountMail).where(AccountMail.kind == AccountMailKind.EMAIL_CHANGED)).one()
    assert (told.recipient, told.details) == (OLD, {"email": NEW})


def test_a_link_confirms_once_and_only_the_last_one_asked_for(session: Session, marie: Account) -> None:
    ask_for_new_email(Caller(session, NOW, HOME), marie, "premiere@example.org")
    first = link_for(session, LinkPurpose.EMAIL_CHANGE)
    ask_for_new_email(Caller(session, LATER, HOME), marie, NEW)
    with pytest.raises(LinkRefused):
        confirm_new_email(Caller(session, LATER, HOME), first)
    last = link_for(session, LinkPurpose.EMAIL_CHANGE)
    confirm_new_email(Caller(session, LATER, HOME), last)
    with pytest.raises(LinkRefused):
        confirm_new_email(Caller(session, LATER, HOME), last)
    assert marie.email == NEW


def test_a_link_for_a_forgotten_password_at_the_old_address_opens_nothing_any_more(
    session: Session, marie: Account
) -> None:
    ask_for_new_password(Caller(session, NOW, HOME), OLD)
    ask_for_new_email(Caller(session, NOW, HOME), marie, NEW)
    confirm_new_email(Caller(session, LATER, HOME), link_for(session, LinkPurpose.EMAIL_CHANGE))
    with pytest.raises(LinkRefused):
        choose_forgotten_password(
            session, link_for(session, LinkPurpose.PASSWORD_RESET), "ruche haute du vendredi", LATER, HOME
        )


def test_what_is_no_address_is_refused(session: Session, marie: Account) -> None:
    with pytest.raises(EmailInvalid):
        ask_for_new_email(Caller(session, NOW, HOME), marie, "rien")


def test_mails_are_a_minute_apart(session: Session, marie: Account) -> None:
    ask_for_new_email(Caller(session, NOW, HOME), marie, NEW)
    with pytest.raises(MailTooSoon):
        ask_for_new_email(Caller(session, NOW + timedelta(seconds=59), HOME), marie, NEW)
    ask_for_new_email(Caller(session, NOW + timedelta(seconds=60), HOME), marie, NEW)


def test_a_link_does_nothing_to_an_account_closed_meanwhile(session: Session, marie: Account) -> None:
    ask_for_new_email(Caller(session, NOW, HOME), marie, NEW)
    marie.state, marie.disabled_from = AccountState.DISABLED, AccountState.ACTIVE
    session.flush()
    confirm_new_email(Caller(session, LATER, HOME), link_for(session, LinkPurpose.EMAIL_CHANGE))
    assert marie.email == OLD
