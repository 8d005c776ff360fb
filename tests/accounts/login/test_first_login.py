"""R5: the two steps of a first login, as rules."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.passwords import PasswordProblem, PasswordRefused, password_matches
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.states import expiry_date
from shared.accounts.login.first_login import (
    FirstLoginProblem,
    FirstLoginRefused,
    MailTooSoon,
    activate,
    correct_email,
    resend_activation,
)
from shared.accounts.login.mailed_links import LinkRefused
from shared.accounts.login.sessions import account_of, open_session
from shared.acting.caller import Caller
from shared.database import Database
from shared.emails import EmailInvalid
from shared.models.accounts import Account, AccountState, MailedLink
from shared.models.journal import JournalEvent
from shared.models.notifications import AccountMail, AccountMailKind
from tests.choosing import complete_first_login
from tests.factories import NOW, PASSWORD, TODAY, make_account, make_establishment, make_guardian, make_student

HOME = "198.51.100.7"
EMAIL = "paul@example.org"


def make_paul(session: Session, sealer: Sealer) -> Account:
    guardian = make_guardian(
        session, make_establishment(session), last_name="HOARAU", first_name="Jean-Paul", usage_name="DE LA TOUR"
    )
    return make_account(session, "p.hoarau", guardian, state=AccountState.NOTIFIED, sealer=sealer)


@pytest.fixture
def paul(session: Session, sealer: Sealer) -> Account:
    return make_paul(session, sealer)


def first_step(session: Session, account: Account, email: str = EMAIL, password: str = PASSWORD) -> MailedLink:
    return complete_first_login(session, account, email, password, NOW, HOME, token=None)


def test_the_initial_password_is_destroyed_and_the_chosen_one_hashed(session: Session, paul: Account) -> None:
    first_step(session, paul)
    assert paul.state is AccountState.ACTIVATING
    assert paul.initial_password is None
    assert password_matches(PASSWORD, paul.password_hash)
    assert paul.email_verified_at is None
    assert paul.expires_on == expiry_date(TODAY)


def test_one_mail_is_asked_for_and_it_holds_no_secret(session: Session, paul: Account) -> None:
    link = first_step(session, paul, email=" Paul@Example.org ")
    mail = session.scalars(select(AccountMail)).one()
    assert (mail.kind, mail.recipient, mail.link_id) == (AccountMailKind.ACTIVATION, EMAIL, link.id)
    assert mail.details == {}


@pytest.mark.parametrize(
    "email", ["", "paul", "paul@", "a@b", "é@example.org", "a b@example.org", "a@example.org\nBcc: x"]
)
def test_what_is_no_address_is_refused_and_changes_nothing(session: Session, paul: Account, email: str) -> None:
    with pytest.raises(FirstLoginRefused) as refused:
        first_step(session, paul, email)
    assert refused.value.problem is FirstLoginProblem.EMAIL_INVALID
    assert paul.state is AccountState.NOTIFIED
    assert paul.initial_password


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("onze signes", PasswordProblem.TOO_SHORT),
        ("x" * 201, PasswordProblem.TOO_LONG),
        ("passwordpassword", PasswordProblem.KEYBOARD),
        ("aaaaaaaaaaaaaaaa", PasswordProblem.KEYBOARD),
        ("azertyuiop1234", PasswordProblem.KEYBOARD),
        ("tic tac p.hoarau", PasswordProblem.NAMES_YOU),
        ("le beau JEANPAUL ici", PasswordProblem.NAMES_YOU),
        ("delatour en vacances", PasswordProblem.NAMES_YOU),
        ("paul@example.org", PasswordProblem.NAMES_YOU),
    ],
)
def test_a_weak_password_is_refused_for_what_it_is(
    session: Session, paul: Account, password: str, problem: PasswordProblem
) -> None:
    with pytest.raises(PasswordRefused) as refused:
        first_step(session, paul, password=password)
    assert refused.value.problem is problem
    assert paul.state is AccountState.NOTIFIED


@pytest.mark.parametrize(
    "password", ["Tiphaine-2026", "2026eniahpit!", "Filaos2026!!", "collegedesfilaos", "stdenis filaos"]
)
def test_names_of_the_children_and_of_the_school_are_refused(session: Session, sealer: Sealer, password: str) -> None:
    school = make_establishment(session)
    child = make_student(session, school, first_name="Tiphaine", last_name="Vitry")
    parent = make_account(
        session, "o.vitry", make_guardian(session, school, child), state=AccountState.NOTIFIED, sealer=sealer
    )
    with pytest.raises(PasswordRefused) as refused:
        first_step(session, parent, password=password)
    assert refused.value.problem is PasswordProblem.NAMES_FAMILY


def test_browsers_that_the_initial_password_opened_are_closed_but_for_this_one(session: Session, paul: Account) -> None:
    here, elsewhere = (open_session(session, paul, NOW, HOME, "") for _ in range(2))
    complete_first_login(session, paul, EMAIL, PASSWORD, NOW, HOME, token=here)
    assert account_of(session, here, NOW) is paul
    assert account_of(session, elsewhere, NOW) is None


def test_two_first_logins_at_once_make_one(database: Database, sealer: Sealer) -> None:
    with database.writing() as session:
        account = make_paul(session, sealer)
    together = Barrier(2)

    def complete(email: str) -> str:
        together.wait()
        try:
            with database.writing() as session:
                first_step(session, session.get_one(Account, account.id), email)
        except FirstLoginRefused as refused:
            return refused.problem.name
        return "DONE"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(complete, ("a@example.org", "b@example.org"))) == ["ALREADY_DONE", "DONE"]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AccountMail)) == 1


def test_activation_ends_the_three_months(session: Session, paul: Account) -> None:
    link = first_step(session, paul)
    later = NOW + timedelta(hours=1)
    assert activate(Caller(session, later, HOME), link) is paul
    assert paul.state is AccountState.ACTIVE
    assert paul.activated_at == paul.email_verified_at == later
    assert paul.expires_on is None


def test_a_link_activates_once(session: Session, paul: Account) -> None:
    link = first_step(session, paul)
    activate(Caller(session, NOW, HOME), link)
    later = NOW + timedelta(minutes=1)
    assert activate(Caller(session, later, HOME), link) is paul
    assert paul.activated_at == NOW
    # What it activated is not open any more.
    paul.state, paul.disabled_from = AccountState.DISABLED, AccountState.ACTIVE
    session.flush()
    with pytest.raises(LinkRefused):
        activate(Caller(session, later, HOME), link)


def test_an_account_closed_meanwhile_is_not_opened_by_its_link(session: Session, paul: Account) -> None:
    link = first_step(session, paul)
    paul.state, paul.disabled_from, paul.expires_on = AccountState.DISABLED, AccountState.ACTIVATING, None
    session.flush()
    activate(Caller(session, NOW, HOME), link)
    assert paul.state is AccountState.DISABLED


def test_a_new_mail_replaces_the_link_but_not_within_a_minute(session: Session, paul: Account) -> None:
    first = first_step(session, paul)
    with pytest.raises(MailTooSoon):
        resend_activation(Caller(session, NOW + timedelta(seconds=59), HOME), paul)
    resend_activation(Caller(session, NOW + timedelta(seconds=60), HOME), paul)
    with pytest.raises(LinkRefused):
        activate(Caller(session, NOW + timedelta(minutes=2), HOME), first)


def test_a_corrected_address_gets_the_mail(session: Session, paul: Account) -> None:
    first_step(session, paul)
    later = NOW + timedelta(minutes=2)
    correct_email(Caller(session, later, HOME), paul, "Bonne@Example.org")
    recipients = session.scalars(select(AccountMail.recipient).order_by(AccountMail.id)).all()
    assert recipients == [EMAIL, "bonne@example.org"]
    assert paul.email == "bonne@example.org"


def test_a_correction_that_is_no_address_keeps_the_one_before(session: Session, paul: Account) -> None:
    first_step(session, paul)
    with pytest.raises(EmailInvalid):
        correct_email(Caller(session, NOW + timedelta(minutes=2), HOME), paul, "rien")
    assert paul.email == EMAIL


def test_an_active_account_asks_for_no_activation(session: Session, paul: Account) -> None:
    activate(Caller(session, NOW, HOME), first_step(session, paul))
    later = NOW + timedelta(minutes=2)
    resend_activation(Caller(session, later, HOME), paul)
    correct_email(Caller(session, later, HOME), paul, "autre@example.org")
    assert paul.email == EMAIL
    assert session.scalar(select(func.count()).select_from(AccountMail)) == 1


def test_the_journal_tells_each_step_and_no_password(session: Session, paul: Account) -> None:
    activate(Caller(session, NOW, HOME), first_step(session, paul))
    session.flush()
    events = session.scalars(select(JournalEvent).order_by(JournalEvent.id)).all()
    assert [event.action for event in events] == ["first_login", "account_activated"]
    assert all(PASSWORD not in str(event.details) for event in events)
