"""R6, R7: the password, changed or forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.passwords import PasswordProblem, PasswordRefused, password_matches
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.holder.own_password import (
    ACCOUNTS_OF_ONE_ADDRESS,
    TIME_BETWEEN_RESETS,
    ask_for_new_password,
)
from shared.accounts.login.mailed_links import LinkRefused
from shared.accounts.login.sessions import account_of, open_session
from shared.acting.caller import Caller
from shared.models.accounts import Account, AccountState, MailedLink
from shared.models.notifications import AccountMail, AccountMailKind
from tests.choosing import change_password, choose_forgotten_password
from tests.factories import INITIAL_PASSWORD, NOW, PASSWORD, make_account

HOME = "198.51.100.7"
ANOTHER = "ruche haute du vendredi"
FAMILY = "famille@example.org"


@pytest.fixture
def marie(session: Session) -> Account:
    return make_account(session, "m.payet", email=FAMILY)


def resets(session: Session) -> list[str]:
    """The identifiers whose holders are sent a link, in order."""
    asked = select(Account.identifier).join(AccountMail, AccountMail.account_id == Account.id)
    asked = asked.where(AccountMail.kind == AccountMailKind.PASSWORD_RESET).order_by(AccountMail.id)
    return list(session.scalars(asked))


def last_link(session: Session) -> MailedLink:
    return session.scalars(select(MailedLink).order_by(MailedLink.id.desc())).first() or pytest.fail("no link")


def test_another_password_logs_out_every_other_browser(session: Session, marie: Account) -> None:
    here, elsewhere = (open_session(session, marie, NOW, HOME, "") for _ in range(2))
    change_password(session, marie, ANOTHER, NOW, HOME, token=here)
    assert password_matches(ANOTHER, marie.password_hash)
    assert account_of(session, here, NOW) is marie
    assert account_of(session, elsewhere, NOW) is None


def test_a_new_initial_password_is_destroyed_once_it_is_replaced(
    session: Session, marie: Account, sealer: Sealer
) -> None:
    marie.initial_password, marie.must_change_password = sealer.seal(INITIAL_PASSWORD), True
    session.flush()
    change_password(session, marie, ANOTHER, NOW, HOME, token=None)
    assert marie.initial_password is None
    assert not marie.must_change_password


@pytest.mark.parametrize("typed", [INITIAL_PASSWORD, INITIAL_PASSWORD.upper().replace("-", " ")])
def test_what_staff_gave_on_paper_is_no_new_password(
    session: Session, marie: Account, sealer: Sealer, typed: str
) -> None:
    marie.initial_password, marie.must_change_password = sealer.seal(INITIAL_PASSWORD), True
    session.flush()
    with pytest.raises(PasswordRefused) as refused:
        change_password(session, marie, typed, NOW, HOME, token=None, sealer=sealer)
    assert refused.value.problem is PasswordProblem.SAME_AS_BEFORE
    assert marie.must_change_password


def test_a_weak_password_is_refused_and_changes_nothing(session: Session, marie: Account) -> None:
    here = open_session(session, marie, NOW, HOME, "")
    with pytest.raises(PasswordRefused):
        change_password(session, marie, "m.payet m.payet", NOW, HOME, token=None)
    assert password_matches(PASSWORD, marie.password_hash)
    assert account_of(session, here, NOW) is marie


def test_every_active_account_of_an_address_gets_a_link(session: Session, marie: Account) -> None:
    make_account(session, "p.payet", email=FAMILY)
    make_account(session, "x.payet", email="autre@example.org")
    ask_for_new_password(Caller(session, NOW, HOME), " Famille@Example.org")
    assert resets(session) == ["m.payet", "p.payet"]


def test_an_identifier_names_its_account_alone_and_one_that_was_merged_the_account_kept(
    session: Session, marie: Account
) -> None:
    make_account(session, "p.payet", email=FAMILY)
    absorbed = make_account(session, "m.payet1", email="ancienne@example.org")
    absorbed.state, absorbed.merged_into_id = AccountState.MERGED, marie.id
    session.flush()
    ask_for_new_password(Caller(session, NOW, HOME), " P.Payet")
    ask_for_new_password(Caller(session, NOW, HOME), "m.payet1")
    asked = select(AccountMail.recipient).order_by(AccountMail.id)
    assert resets(session) == ["p.payet", "m.payet"]
    assert session.scalars(asked).all() == [FAMILY, FAMILY]


@pytest.mark.parametrize("change", ["unverified", "activating", "given by staff"])
def test_an_identifier_opens_no_account_that_its_address_would_not(
    session: Session, marie: Account, change: str
) -> None:
    if change == "unverified":
        marie.email_verified_at = None
    elif change == "activating":
        marie.state, marie.expires_on = AccountState.ACTIVATING, NOW.date()
    else:
        marie.must_change_password = True
    session.flush()
    ask_for_new_password(Caller(session, NOW, HOME), "m.payet")
    assert resets(session) == []


def test_whoever_guesses_an_identifier_makes_one_mail_leave_in_an_hour(session: Session, marie: Account) -> None:
    for minutes in (0, 6, 59):
        ask_for_new_password(Caller(session, NOW + timedelta(minutes=minutes), HOME), "m.payet")
    assert resets(session) == ["m.payet"]
    ask_for_new_password(Caller(session, NOW + timedelta(minutes=61), HOME), "m.payet")
    assert resets(session) == ["m.payet"] * 2


def test_an_address_that_was_never_confirmed_gets_none(session: Session, marie: Account) -> None:
    marie.email_verified_at = None
    session.flush()
    ask_for_new_password(Caller(session, NOW, HOME), FAMILY)
    assert resets(session) == []


@pytest.mark.parametrize("state", [AccountState.ACTIVATING, AccountState.DISABLED])
def test_an_account_that_is_not_active_gets_none(session: Session, marie: Account, state: AccountState) -> None:
    marie.state = state
    marie.expires_on = NOW.date() if state is AccountState.ACTIVATING else None
    marie.disabled_from = AccountState.ACTIVE if state is AccountState.DISABLED else None
    session.flush()
    ask_for_new_password(Caller(session, NOW, HOME), FAMILY)
    assert resets(session) == []


@pytest.mark.parametrize("email", ["", "famille", "famille@example.org\0", "x" * 300 + "@example.org"])
def test_what_is_no_address_does_nothing(session: Session, marie: Account, email: str) -> None:
    ask_for_new_password(Caller(session, NOW, HOME), email)
    assert resets(session) == []


def test_asking_again_and_again_sends_one_mail(session: Session, marie: Account) -> None:
    for seconds in (0, 1, 60, 299):
        ask_for_new_password(Caller(session, NOW + timedelta(seconds=seconds), HOME), FAMILY)
    assert resets(session) == ["m.payet"]
    ask_for_new_password(Caller(session, NOW + TIME_BETWEEN_RESETS, HOME), FAMILY)
    assert resets(session) == ["m.payet", "m.payet"]


def test_one_address_gets_a_bounded_number_of_mails(session: Session) -> None:
    for number in range(ACCOUNTS_OF_ONE_ADDRESS + 3):
        make_account(session, f"m.payet{number}", email=FAMILY)
    ask_for_new_password(Caller(session, NOW, HOME), FAMILY)
    assert len(resets(session)) == ACCOUNTS_OF_ONE_ADDRESS


def test_the_link_serves_once_and_ends_every_session(session: Session, marie: Account) -> None:
    here = open_session(session, marie, NOW, HOME, "")
    ask_for_new_password(Caller(session, NOW, HOME), FAMILY)
    link = last_link(session)
    assert choose_forgotten_password(session, link, ANOTHER, NOW, HOME) is marie
    assert password_matches(ANOTHER, marie.password_hash)
    assert account_of(session, here, NOW) is None
    with pytest.raises(LinkRefused):
        choose_forgotten_password(session, link, PASSWORD, NOW, HOME)
    assert password_matches(ANOTHER, marie.password_hash)


def test_a_weak_password_leaves_the_link_good(session: Session, marie: Account) -> None:
    ask_for_new_password(Caller(session, NOW, HOME), FAMILY)
    with pytest.raises(PasswordRefused):
        choose_forgotten_password(session, last_link(session), "court", NOW, HOME)
    choose_forgotten_password(session, last_link(session), ANOTHER, NOW, HOME)
    assert password_matches(ANOTHER, marie.password_hash)


def test_the_link_opens_no_account_that_staff_gave_away_meanwhile(
    session: Session, marie: Account, sealer: Sealer
) -> None:
    ask_for_new_password(Caller(session, NOW, HOME), FAMILY)
    marie.state, marie.expires_on = AccountState.NOTIFIED, NOW.date()
    marie.initial_password = sealer.seal(INITIAL_PASSWORD)
    session.flush()
    with pytest.raises(LinkRefused):
        choose_forgotten_password(session, last_link(session), ANOTHER, NOW, HOME)
    assert marie.initial_password
    assert password_matches(PASSWORD, marie.password_hash)


def test_the_holder_is_told_by_mail_that_the_password_changed(session: Session, marie: Account) -> None:
    change_password(session, marie, ANOTHER, NOW, HOME, token=None)
    told = session.scalars(select(AccountMail).where(AccountMail.kind == AccountMailKind.PASSWORD_CHANGED)).one()
    assert told.recipient == FAMILY
    assert told.details == {}
