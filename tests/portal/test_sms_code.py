"""R36, R37: the code of an SMS and a child's birth date open the first login, once, and not for long."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from parent_portal import create_app
from parent_portal.installation import EXTENSION
from parent_portal.views.activating import sms_code
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.without_letter.codes import LASTS, forget_old_codes
from shared.config import Settings
from shared.database import Database
from shared.limits.policy import BIRTH_DATES, BY_ADDRESS
from shared.models.accounts import Account, AccountState
from shared.models.journal import Action, JournalEvent
from shared.models.notifications import AccountMailKind
from shared.models.sending.sms import SmsCode
from tests.accounts.without_letter.by_sms import codes_by_sms
from tests.applications import lent
from tests.factories import NOW, make_account, make_division, make_establishment, make_guardian, make_student
from tests.portal.browser import PHONE, Browser, words
from tests.portal.conftest import Directory

BORN = {"day": "6", "month": "05", "year": "2013"}
WRONG = "ne vont pas ensemble"
CHOSEN = {
    "email": "marie@example.org",
    "email_again": "marie@example.org",
    "password": "ruche haute du vendredi",
    "password_again": "ruche haute du vendredi",
}


@pytest.fixture(autouse=True)
def at_a_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sms_code, "ANSWER_SECONDS", 0)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"sms_driver": "http"})


@pytest.fixture
def codes(database: Database, settings: Settings, sealer: Sealer) -> list[str]:
    """Those of Marie and of Paul Payet, each notified by SMS."""
    with database.writing() as session:
        school = make_establishment(session)
        lea = make_student(session, school, make_division(session, school), birth_date=date(2013, 5, 6))
        holders = []
        for identifier, first_name in (("m.payet", "Marie"), ("p.payet", "Paul")):
            guardian = make_guardian(session, school, lea, first_name=first_name)
            account = make_account(session, identifier, guardian, state=AccountState.NOTIFIED, sealer=sealer)
            holders.append((account, guardian))
        return codes_by_sms(session, settings, school, holders)


@pytest.fixture
def browser(portal: Flask) -> Browser:
    return Browser(portal, PHONE)


def enter(browser: Browser, code: str, born: dict[str, str] = BORN) -> str:
    browser.get("/code")
    answer = browser.post("/code", code=code, **born)
    return words(browser.follow(answer))


def test_the_code_and_a_birth_date_open_the_first_login_and_a_mail_activates(
    browser: Browser, codes: list[str], directory: Directory
) -> None:
    page = enter(browser, f" {codes[0].upper()} ")
    assert "Première connexion" in page
    assert "m.payet" in page
    browser.post("/premiere-connexion", **CHOSEN)
    account = directory.account("m.payet")
    assert (account.state, account.email) == (AccountState.ACTIVATING, "marie@example.org")
    assert account.initial_password is None
    assert len(directory.mails(AccountMailKind.ACTIVATION)) == 1
    assert directory.account("p.payet").state is AccountState.NOTIFIED


def test_a_code_is_good_once(browser: Browser, codes: list[str], portal: Flask) -> None:
    assert "Première connexion" in enter(browser, codes[0])
    assert WRONG in enter(Browser(portal), codes[0])
    assert "Première connexion" in enter(Browser(portal), codes[1])


def test_a_code_is_good_for_a_week(browser: Browser, codes: list[str], database: Database) -> None:
    with time_machine.travel(NOW + LASTS, tick=False):
        assert WRONG in enter(browser, codes[0])
    with database.writing() as session:
        forget_old_codes(session, NOW + LASTS)
        assert session.scalars(select(SmsCode)).all() == []


def test_a_code_opens_nothing_without_the_birth_date_of_a_child_of_the_account(
    browser: Browser, codes: list[str], database: Database
) -> None:
    assert WRONG in enter(browser, codes[0], {**BORN, "year": "2012"})
    # It is still good: a slip is no reason to print a letter.
    assert "Première connexion" in enter(browser, codes[0])
    with database.reading() as session:
        actions = session.scalars(select(JournalEvent.action).where(JournalEvent.account_id.is_not(None))).all()
    assert [action for action in actions if action in {Action.SELF_ACTIVATION_REFUSED, Action.LOGIN}] == [
        Action.SELF_ACTIVATION_REFUSED,
        Action.LOGIN,
    ]


def test_birth_dates_are_not_tried_one_after_the_other(browser: Browser, codes: list[str], portal: Flask) -> None:
    for index in range(BIRTH_DATES.free + 1):
        stranger = Browser(portal, f"198.51.{index}.7")
        enter(stranger, codes[0], {**BORN, "day": str(7 + index)})
    assert "Trop d'essais" in enter(Browser(portal, "198.51.99.7"), codes[0])
    # Nobody else is kept out.
    assert "Première connexion" in enter(browser, codes[1])


def test_codes_are_not_guessed_one_after_the_other(browser: Browser, codes: list[str], portal: Flask) -> None:
    answers = {enter(browser, f"{index:05}aaaaa"[:10]) for index in range(3)}
    assert all(WRONG in answer for answer in answers)
    monkey = BY_ADDRESS.free
    for index in range(monkey):
        enter(browser, f"zzzzz{index:05}")
    assert "Trop d'essais" in enter(browser, codes[0])
    assert "Première connexion" in enter(Browser(portal), codes[0])


def test_a_code_that_is_wrong_and_a_date_that_is_wrong_are_answered_alike(browser: Browser, codes: list[str]) -> None:
    wrong_code, wrong_date = enter(browser, "aaaaa-aaaaa"), enter(browser, codes[0], {**BORN, "year": "2012"})
    assert wrong_code == wrong_date
    assert "Demandez-en un autre au secrétariat" in words(browser.get("/code"))


def test_other_credentials_given_by_staff_make_the_code_worthless(
    browser: Browser, codes: list[str], database: Database, settings: Settings
) -> None:
    from shared.accounts.login.shutting_out import shut_out

    with database.writing() as session:
        account = session.scalars(select(Account).where(Account.identifier == "m.payet")).one()
        shut_out(session, account, NOW)
    assert WRONG in enter(browser, codes[0])


def test_an_account_that_came_in_otherwise_is_not_opened_by_its_code(
    browser: Browser, codes: list[str], directory: Directory
) -> None:
    directory.change("m.payet", state=AccountState.ACTIVE, expires_on=None, password_hash="chosen")
    assert WRONG in enter(browser, codes[0])


@pytest.mark.parametrize("typed", ["", "x" * 41, "\N{LATIN SMALL LETTER E WITH ACUTE}" * 10])
def test_what_is_no_code_is_said(browser: Browser, codes: list[str], typed: str) -> None:
    browser.get("/code")
    assert browser.post("/code", code=typed, **BORN).status_code == 422


def test_no_code_is_kept_in_the_tables(codes: list[str], database: Database) -> None:
    with database.reading() as session:
        kept = [f"{one.code_hash} {one.nonce}" for one in session.scalars(select(SmsCode))]
    assert not any(code.replace("-", "") in row or code in row for row in kept for code in codes)


def test_nothing_shows_of_sms_where_none_are_sent(settings: Settings, database: Database, codes: list[str]) -> None:
    without = settings.model_copy(update={"sms_driver": "none"})
    with lent(create_app, EXTENSION, without, database) as portal:
        browser = Browser(portal)
        assert "SMS" not in words(browser.get("/connexion"))
        assert browser.get("/code").status_code == 404
        assert browser.post("/code", code=codes[0], **BORN).status_code == 404


def test_the_login_page_leads_to_it(browser: Browser, codes: list[str]) -> None:
    assert "J'ai reçu un code par SMS" in words(browser.get("/connexion"))
