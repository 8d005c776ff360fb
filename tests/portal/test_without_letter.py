"""R37: a parent without the letter activates alone."""

from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from parent_portal import even_time
from parent_portal.views.activating import without_letter
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.states import expiry_date
from shared.accounts.without_letter.links import link_address
from shared.config import Settings
from shared.database import Database
from shared.establishments.settings import set_self_activation
from shared.models.access.self_activations import SelfActivation
from shared.models.accounts import AccountState
from shared.models.journal import Action, JournalEvent
from shared.models.notifications import AccountMailKind
from shared.models.school import Establishment
from shared.notifications.mail.account import compose_account_mail
from tests.factories import (
    INITIAL_PASSWORD,
    NOW,
    at_desk,
    make_account,
    make_division,
    make_establishment,
    make_guardian,
    make_student,
)
from tests.portal.browser import PHONE, Browser, words
from tests.portal.conftest import Directory

KNOWN = "famille.payet@example.org"
BORN = {"day": "6", "month": "05", "year": "2013"}
CHOSEN = "ruche haute du vendredi"
NEW_PASSWORD = {"password": CHOSEN, "password_again": CHOSEN}
SENT = "Si un établissement connaît cette adresse"


@pytest.fixture(autouse=True)
def at_a_time() -> None:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def parents(database: Database, sealer: Sealer) -> None:
    """Marie and Paul Payet, who share a mailbox; each has an account that waits for its letter."""
    with database.writing() as session:
        school = make_establishment(session)
        lea = make_student(session, school, make_division(session, school), birth_date=date(2013, 5, 6))
        for identifier, first_name in (("m.payet", "Marie"), ("p.payet", "Paul")):
            guardian = make_guardian(session, school, lea, first_name=first_name, email=KNOWN)
            make_account(session, identifier, guardian, state=AccountState.NOTIFIED, sealer=sealer)


@pytest.fixture
def browser(portal: Flask) -> Browser:
    return Browser(portal, PHONE)


def ask(browser: Browser, email: str = KNOWN) -> str:
    browser.get("/sans-lettre")
    answer = browser.post("/sans-lettre", email=email)
    assert answer.status_code == 200
    return words(answer)


def paths(directory: Directory) -> list[str]:
    """Where the links that were mailed lead, in the order of the accounts."""
    with directory.database.reading() as session:
        links = session.scalars(select(SelfActivation).order_by(SelfActivation.id)).all()
    portal = directory.settings.public_portal_url
    return [link_address(directory.settings, link).removeprefix(portal) for link in links]


def test_the_address_a_birth_date_and_a_password_open_the_account(
    browser: Browser, parents: None, directory: Directory, portal: Flask
) -> None:
    assert SENT in ask(browser)
    path = paths(directory)[0]
    assert "Quand un de vos enfants est-il né" in words(browser.get(path))
    asked = browser.follow(browser.post(path, **BORN))
    assert "m.payet" in words(asked)
    home = browser.follow(browser.post(f"{path}/mot-de-passe", **NEW_PASSWORD))
    assert "Notez votre identifiant : m.payet" in words(home)
    assert "Léa" in words(home)
    account = directory.account("m.payet")
    assert (account.state, account.email, account.email_verified_at) == (AccountState.ACTIVE, KNOWN, NOW)
    assert account.activated_alone
    assert account.initial_password is account.expires_on is None
    assert Browser(portal).log_in("m.payet", CHOSEN).status_code == 303
    assert Browser(portal).log_in("m.payet", INITIAL_PASSWORD).status_code == 422


def test_parents_who_share_a_mailbox_are_named_and_each_opens_the_own_account(
    browser: Browser, parents: None, directory: Directory, settings: Settings, database: Database
) -> None:
    ask(browser)
    [mail] = directory.mails(AccountMailKind.SELF_ACTIVATION)
    with database.reading() as session:
        sent = compose_account_mail(session, settings, mail.id)
    first, second = paths(directory)
    for name, path in (("Marie PAYET", first), ("Paul PAYET", second)):
        assert name in sent.words.text
        assert path in sent.words.text.replace("=\n", "")
    assert INITIAL_PASSWORD not in sent.words.text
    browser.get(second)
    browser.post(second, **BORN)
    browser.post(f"{second}/mot-de-passe", **NEW_PASSWORD)
    assert directory.account("p.payet").state is AccountState.ACTIVE
    assert directory.account("m.payet").state is AccountState.NOTIFIED


def test_the_mail_is_in_the_language_of_the_page(
    browser: Browser, parents: None, directory: Directory, settings: Settings, database: Database
) -> None:
    browser.get("/sans-lettre")
    browser.post("/langue", language="ar", here="/sans-lettre")
    ask(browser)
    [mail] = directory.mails(AccountMailKind.SELF_ACTIVATION)
    with database.reading() as session:
        assert compose_account_mail(session, settings, mail.id).words.language.html == "ar"


def test_the_answer_is_the_same_whatever_is_typed(browser: Browser, parents: None) -> None:
    known, unknown = (ask(browser, email).replace(email, "…") for email in (KNOWN, "inconnue@example.org"))
    assert known == unknown


def test_the_answer_takes_the_same_time_whatever_is_typed(
    browser: Browser, parents: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    clock = iter(range(1000))
    monkeypatch.setattr(even_time, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(even_time, "sleep", waited.append)
    monkeypatch.setattr(without_letter, "ANSWER_SECONDS", 10)
    for email in (KNOWN, "inconnue@example.org"):
        ask(browser, email)
    assert waited == [9.0, 9.0]


def test_no_field_of_the_birth_date_looks_filled_in(browser: Browser, parents: None, directory: Directory) -> None:
    ask(browser)
    page = browser.get(paths(directory)[0])
    assert "Date de naissance Exemple : 5 3 2014 Jour" in words(page)
    assert "placeholder" not in page.text


@pytest.mark.parametrize(
    "typed",
    [
        {"day": "", "month": "", "year": ""},
        {"day": "31", "month": "2", "year": "2013"},
        {"day": "six", "month": "mai", "year": "2013"},
        {"day": "⁶", "month": "5", "year": "2013"},
        {"day": "6", "month": "5", "year": "13"},
        {"day": "6", "month": "5", "year": "9" * 5000},
        {"day": "-6", "month": "5", "year": "0"},
    ],
)
def test_what_is_no_date_is_said_and_counts_for_nothing(
    browser: Browser, parents: None, directory: Directory, typed: dict[str, str]
) -> None:
    ask(browser)
    path = paths(directory)[0]
    browser.get(path)
    for _ in range(7):
        answer = browser.post(path, **typed)
        assert answer.status_code == 422
        assert "Cette date n'existe pas" in words(answer)
    assert browser.post(path, **BORN).status_code == 303


@pytest.mark.parametrize("typed", [("٦", "٠٥", "٢٠١٣"), ("۶", "۵", "۲۰۱۳"), ("６", "５", "２０１３")])
def test_a_birth_date_is_read_in_the_figures_of_the_languages_of_the_portal(
    browser: Browser, parents: None, directory: Directory, typed: tuple[str, str, str]
) -> None:
    ask(browser)
    path = paths(directory)[0]
    browser.get(path)
    assert browser.post(path, **dict(zip(("day", "month", "year"), typed, strict=True))).status_code == 303


def test_birth_dates_are_not_tried_one_after_the_other(
    browser: Browser, parents: None, directory: Directory, portal: Flask
) -> None:
    ask(browser)
    path = paths(directory)[0]
    answers = []
    for day in range(7, 20):
        # From a network of its own each time: the account counts, not the place.
        stranger = Browser(portal, f"203.0.{day}.9")
        stranger.get(path)
        answers.append(stranger.post(path, day=str(day), month="5", year="2013").status_code)
    assert set(answers[:5]) == {422}
    assert set(answers[6:]) == {429}
    with time_machine.travel(NOW + timedelta(hours=23), tick=False):
        browser.get(path)
        assert browser.post(path, **BORN).status_code == 429


def test_the_school_reads_who_tried_and_who_came(
    browser: Browser, parents: None, directory: Directory, database: Database
) -> None:
    ask(browser)
    path = paths(directory)[0]
    browser.get(path)
    browser.post(path, day="7", month="5", year="2013")
    browser.post(path, **BORN)
    browser.post(f"{path}/mot-de-passe", **NEW_PASSWORD)
    with database.reading() as session:
        told = session.scalars(
            select(JournalEvent.action).where(
                JournalEvent.subject == "m.payet", JournalEvent.establishment_id.is_not(None)
            )
        ).all()
    assert told == [Action.SELF_ACTIVATION_ASKED, Action.SELF_ACTIVATION_REFUSED, Action.SELF_ACTIVATED]


def test_the_password_is_chosen_in_the_browser_that_named_the_birth_date(
    browser: Browser, parents: None, directory: Directory, portal: Flask
) -> None:
    ask(browser)
    path = paths(directory)[0]
    browser.get(path)
    browser.post(path, **BORN)
    other = Browser(portal)
    assert other.get(f"{path}/mot-de-passe").headers["Location"] == path
    other.get(path)
    assert other.post(f"{path}/mot-de-passe", **NEW_PASSWORD).headers["Location"] == path
    assert directory.account("m.payet").state is AccountState.NOTIFIED


def test_a_birth_date_named_for_one_parent_opens_no_other_account(
    browser: Browser, parents: None, directory: Directory
) -> None:
    ask(browser)
    first, second = paths(directory)
    browser.get(first)
    browser.post(first, **BORN)
    assert browser.post(f"{second}/mot-de-passe", **NEW_PASSWORD).headers["Location"] == second
    assert directory.account("p.payet").state is AccountState.NOTIFIED


def test_whoever_waits_too_long_names_the_birth_date_again(
    browser: Browser, parents: None, directory: Directory
) -> None:
    ask(browser)
    path = paths(directory)[0]
    browser.get(path)
    browser.post(path, **BORN)
    with time_machine.travel(NOW + timedelta(minutes=31), tick=False):
        assert browser.post(f"{path}/mot-de-passe", **NEW_PASSWORD).headers["Location"] == path


def test_a_weak_password_is_refused_and_nothing_changes(browser: Browser, parents: None, directory: Directory) -> None:
    ask(browser)
    path = paths(directory)[0]
    browser.get(path)
    browser.post(path, **BORN)
    answer = browser.post(f"{path}/mot-de-passe", password="motdepasse97400", password_again="motdepasse97400")
    assert answer.status_code == 422
    assert directory.account("m.payet").state is AccountState.NOTIFIED
    assert browser.post(f"{path}/mot-de-passe", **NEW_PASSWORD).status_code == 303


@pytest.mark.parametrize("token", ["", "1", "1-", "1-" + "0" * 40, "99999999999-" + "0" * 40, "x-é", "1-\N{SNOWMAN}"])
def test_a_link_that_nobody_was_mailed_opens_nothing(browser: Browser, parents: None, token: str) -> None:
    ask(browser)
    for path in (f"/sans-lettre/{token}", f"/sans-lettre/{token}/mot-de-passe"):
        assert browser.get(path).status_code in {404, 410} or token == ""


def test_a_link_opens_nothing_once_it_is_too_old_used_or_the_school_closed_the_way(
    browser: Browser, parents: None, directory: Directory, database: Database
) -> None:
    ask(browser)
    first, second = paths(directory)
    with time_machine.travel(NOW + timedelta(hours=72), tick=False):
        assert browser.get(first).status_code == 410
    browser.get(first)
    browser.post(first, **BORN)
    browser.post(f"{first}/mot-de-passe", **NEW_PASSWORD)
    answer = browser.get(first)
    assert answer.status_code == 410
    assert "Votre compte est peut-être déjà activé" in words(answer)
    with database.writing() as session:
        establishment_id = session.scalars(select(Establishment.id)).one()
        set_self_activation(at_desk(session, establishment_id), is_open=False, version=0)
    assert browser.get(second).status_code == 410


def test_what_staff_renew_is_not_opened_by_a_link_of_before(
    browser: Browser, parents: None, directory: Directory
) -> None:
    ask(browser)
    first, _ = paths(directory)
    directory.change("m.payet", state=AccountState.DISABLED, disabled_from=AccountState.NOTIFIED, expires_on=None)
    assert browser.get(first).status_code == 410
    directory.change("m.payet", state=AccountState.NOTIFIED, disabled_from=None, expires_on=expiry_date(NOW.date()))
    assert browser.get(first).status_code == 200


def test_the_letter_opens_nothing_any_more_where_it_was_open(
    browser: Browser, parents: None, directory: Directory, portal: Flask
) -> None:
    thief = Browser(portal, "192.0.2.66")
    assert thief.log_in("m.payet", INITIAL_PASSWORD).status_code == 303
    ask(browser)
    path = paths(directory)[0]
    browser.get(path)
    browser.post(path, **BORN)
    browser.post(f"{path}/mot-de-passe", **NEW_PASSWORD)
    assert thief.get("/premiere-connexion").headers["Location"] == "/connexion"
