"""R5: an e-mail, a password, a mail, a button."""

import logging
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.login.mailed_links import create_link, link_address
from shared.config import Settings
from shared.database import Database
from shared.models.accounts import AccountState, LinkPurpose
from shared.models.journal import JournalEvent
from shared.models.notifications import AccountMailKind
from tests.factories import INITIAL_PASSWORD, NOW, make_account
from tests.portal.browser import PHONE, Browser, words
from tests.portal.conftest import Directory

EMAIL = "paul@example.org"
CHOSEN = "lagon calme du dimanche"
STEP_ONE = {"email": EMAIL, "email_again": EMAIL, "password": CHOSEN, "password_again": CHOSEN}


@pytest.fixture
def paul(log_in: Callable[..., Browser]) -> Browser:
    """A browser that the initial password of Paul Hoarau opened."""
    browser = log_in("p.hoarau", INITIAL_PASSWORD)
    browser.get("/premiere-connexion")
    return browser


@pytest.fixture
def waiting(paul: Browser) -> Browser:
    """The same once step 1 is done."""
    assert paul.post("/premiere-connexion", **STEP_ONE).headers["Location"] == "/activation/attente"
    paul.get("/activation/attente")
    return paul


def test_nothing_else_opens_before(paul: Browser) -> None:
    for path in ("/", "/compte", "/fusion", "/activation/attente", "/compte/mot-de-passe"):
        assert paul.get(path).headers["Location"] == "/premiere-connexion"


def test_the_email_and_password_are_taken_and_a_mail_asked_for(waiting: Browser, directory: Directory) -> None:
    account = directory.account("p.hoarau")
    assert account.state is AccountState.ACTIVATING
    assert account.initial_password is None
    assert account.email == EMAIL
    assert [mail.recipient for mail in directory.mails(AccountMailKind.ACTIVATION)] == [EMAIL]
    assert EMAIL in words(waiting.get("/activation/attente"))


def test_whoever_waits_learns_until_when_and_whom_to_call(waiting: Browser, directory: Directory) -> None:
    directory.change("p.hoarau", expires_on=date(2026, 12, 3))
    page = waiting.get("/activation/attente")
    assert "Faites-le avant le 3 décembre 2026 : après, ce compte sera supprimé." in words(page)
    assert "Collège des Filaos 0262 00 00 00" in words(page)
    assert 'href="tel:0262000000"' in page.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email": "paul"}, "Cette adresse e-mail n'est pas valable."),
        ({"email_again": "autre@example.org"}, "Les deux adresses e-mail ne sont pas les mêmes."),
        ({"password_again": "lagon calme du lundi"}, "Les deux mots de passe ne sont pas les mêmes."),
        ({"password": "court", "password_again": "court"}, "trop court"),
        ({"password": "p.hoarau p.hoarau", "password_again": "p.hoarau p.hoarau"}, "contient votre identifiant"),
        ({"password": "azertyuiop123", "password_again": "azertyuiop123"}, "trop facile à deviner"),
        ({"password": INITIAL_PASSWORD, "password_again": INITIAL_PASSWORD}, "que vous aviez déjà"),
        ({"email": "paul\x01@example.org", "email_again": "paul\x01@example.org"}, "n'est pas valable"),
        ({"email": "", "email_again": ""}, "Tapez votre adresse e-mail."),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    paul: Browser, directory: Directory, changed: dict[str, str], said: str
) -> None:
    page = paul.post("/premiere-connexion", **{**STEP_ONE, **changed})
    assert page.status_code == 422
    assert said in words(page)
    assert CHOSEN not in page.text
    assert directory.account("p.hoarau").state is AccountState.NOTIFIED
    assert directory.mails(AccountMailKind.ACTIVATION) == []


def test_capitals_in_the_second_email_do_not_count(paul: Browser) -> None:
    again = {**STEP_ONE, "email_again": " Paul@Example.org"}
    assert paul.post("/premiere-connexion", **again).status_code == 303


@pytest.mark.parametrize(
    "pasted",
    [
        f"{EMAIL}\u200b",
        f"\u202a{EMAIL}\u202c",
        f"mailto:{EMAIL}",
        f"MAILTO:{EMAIL}",
        f"<{EMAIL}>",
        f"{EMAIL}. ",
        f"{EMAIL};",
        "paul＠example．org",
        "ｐａｕｌ@example。org",
    ],
)
def test_what_is_pasted_with_an_email_is_no_part_of_it(paul: Browser, directory: Directory, pasted: str) -> None:
    for field, other in (("email", "email_again"), ("email_again", "email")):
        typed = STEP_ONE | {field: pasted, other: EMAIL, "password": "trop court"}
        page = words(paul.post("/premiere-connexion", **typed))
        assert "n'est pas valable" not in page
        assert "Les deux adresses e-mail ne sont pas les mêmes" not in page
    assert paul.post("/premiere-connexion", **STEP_ONE | {"email": pasted, "email_again": pasted}).status_code == 303
    assert directory.account("p.hoarau").email == EMAIL


@pytest.mark.parametrize(
    "typed", [f".{EMAIL}", f"{EMAIL}\nx", f"{EMAIL}>", f"paul {EMAIL}", "paul@écolé.fr", "päul@example.org"]
)
def test_nothing_else_is_made_an_email_of(paul: Browser, typed: str) -> None:
    page = paul.post("/premiere-connexion", **STEP_ONE | {"email": typed, "email_again": typed})
    assert page.status_code == 422
    assert "n'est pas valable" in words(page)


def test_the_initial_password_opens_nothing_any_more(waiting: Browser, portal: Flask) -> None:
    assert Browser(portal).log_in("p.hoarau", INITIAL_PASSWORD).status_code == 422
    assert Browser(portal).log_in("p.hoarau", CHOSEN).headers["Location"] == "/activation/attente"


def test_another_browser_that_the_initial_password_opened_is_logged_out(
    paul: Browser, log_in: Callable[..., Browser]
) -> None:
    other = log_in("p.hoarau", INITIAL_PASSWORD)
    paul.post("/premiere-connexion", **STEP_ONE)
    assert other.get("/activation/attente").headers["Location"] == "/connexion"
    assert paul.get("/activation/attente").status_code == 200


def test_step_one_sent_twice_is_done_once(waiting: Browser, directory: Directory) -> None:
    assert waiting.post("/premiere-connexion", **STEP_ONE).headers["Location"] == "/activation/attente"
    assert len(directory.mails(AccountMailKind.ACTIVATION)) == 1


def test_opening_the_link_changes_nothing_and_its_button_activates_on_another_device(
    waiting: Browser, portal: Flask, directory: Directory
) -> None:
    path, phone = directory.mailed_path(LinkPurpose.ACTIVATION), Browser(portal, PHONE)
    page = phone.get(path)
    assert page.status_code == 200
    assert "Activer mon compte" in words(page)
    assert directory.account("p.hoarau").state is AccountState.ACTIVATING
    assert "Le compte p.hoarau est activé." in words(phone.follow(phone.post(path)))
    assert directory.account("p.hoarau").state is AccountState.ACTIVE
    assert "Nils HOARAU" in words(waiting.follow(waiting.get("/activation/attente")))


def test_a_mail_scanner_that_opens_the_link_without_cookies_spends_nothing(
    waiting: Browser, portal: Flask, directory: Directory
) -> None:
    path = directory.mailed_path(LinkPurpose.ACTIVATION)
    for _ in range(3):
        assert portal.test_client().get(path).status_code == 200
        assert portal.test_client().head(path).status_code == 200
    assert waiting.follow(waiting.post(path)).status_code == 200
    assert directory.account("p.hoarau").state is AccountState.ACTIVE


def test_a_used_link_says_so(waiting: Browser, directory: Directory) -> None:
    path = directory.mailed_path(LinkPurpose.ACTIVATION)
    waiting.post(path)
    answer = waiting.get(path)
    assert answer.status_code == 410
    assert "Ce lien a déjà servi" in words(answer)


def test_a_second_tap_on_the_button_is_answered_as_the_first_and_changes_nothing(
    waiting: Browser, portal: Flask, directory: Directory
) -> None:
    path, phone = directory.mailed_path(LinkPurpose.ACTIVATION), Browser(portal, PHONE)
    phone.get(path)
    first = phone.post(path)
    activated = directory.account("p.hoarau")
    second = phone.post(path)
    assert (second.status_code, second.headers["Location"]) == (first.status_code, first.headers["Location"])
    assert "Le compte p.hoarau est activé." in words(phone.follow(second))
    again = directory.account("p.hoarau")
    assert (again.state, again.activated_at) == (activated.state, activated.activated_at)
    assert phone.get("/compte").headers["Location"] == "/connexion", "nobody is let in by a link"
    with directory.database.reading() as session:
        done = select(JournalEvent).where(JournalEvent.action == "account_activated")
        assert len(session.scalars(done).all()) == 1


def test_a_tap_on_the_button_of_a_closed_account_activates_nothing(waiting: Browser, directory: Directory) -> None:
    path = directory.mailed_path(LinkPurpose.ACTIVATION)
    waiting.post(path)
    directory.change("p.hoarau", state=AccountState.DISABLED, disabled_from=AccountState.ACTIVE)
    assert waiting.post(path).status_code == 410
    assert directory.account("p.hoarau").state is AccountState.DISABLED


def test_a_link_replaced_by_a_newer_one_opens_nothing(paul: Browser, portal: Flask, directory: Directory) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        browser = Browser(portal)
        browser.log_in("p.hoarau", INITIAL_PASSWORD)
        browser.post("/premiere-connexion", **STEP_ONE)
        first = directory.mailed_path(LinkPurpose.ACTIVATION)
        traveller.shift(timedelta(minutes=2))
        page = browser.follow(browser.post("/activation/attente/renvoyer"))
        assert "Un nouveau message est parti." in words(page)
        assert browser.post(first).status_code == 410
        assert browser.post(directory.mailed_path(LinkPurpose.ACTIVATION)).status_code == 303
    assert directory.account("p.hoarau").state is AccountState.ACTIVE


def test_a_link_expires_after_three_days_and_a_new_one_can_be_asked_for(
    family: None, portal: Flask, directory: Directory
) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        browser = Browser(portal)
        browser.log_in("p.hoarau", INITIAL_PASSWORD)
        browser.post("/premiere-connexion", **STEP_ONE)
        path = directory.mailed_path(LinkPurpose.ACTIVATION)
        traveller.shift(timedelta(hours=72))
        assert "il est trop ancien" in words(Browser(portal).post(path))
        browser.log_in("p.hoarau", CHOSEN)
        browser.get("/activation/attente")
        browser.post("/activation/attente/renvoyer")
        assert browser.post(directory.mailed_path(LinkPurpose.ACTIVATION)).status_code == 303
    assert directory.account("p.hoarau").state is AccountState.ACTIVE


@pytest.mark.parametrize(
    "forge",
    [
        lambda path: path[:-1] + ("0" if path[-1] != "0" else "1"),
        lambda path: path.replace("/activation/", "/nouveau-mot-de-passe/"),
        lambda path: path.replace("/activation/", "/activation/9"),
        lambda path: "/activation/" + "9" * 400,
        lambda path: "/activation/²-é",
        lambda path: "/activation/1",
        lambda path: "/activation/-",
    ],
)
def test_a_forged_link_opens_nothing(waiting: Browser, directory: Directory, forge: Callable[[str], str]) -> None:
    path = forge(directory.mailed_path(LinkPurpose.ACTIVATION))
    for answer in (waiting.get(path), waiting.post(path, password=CHOSEN, password_again=CHOSEN)):
        assert answer.status_code == 410
        assert "Ce lien n'est pas valable." in words(answer)
    assert directory.account("p.hoarau").state is AccountState.ACTIVATING


@pytest.mark.parametrize("along", [".", ")", ">", ",", "%20", "%0A", "&fbclid=1", "?utm_source=mail", "\u00bb"])
def test_what_is_copied_along_with_a_link_is_no_part_of_it(
    waiting: Browser, portal: Flask, directory: Directory, along: str
) -> None:
    path, phone = directory.mailed_path(LinkPurpose.ACTIVATION) + along, Browser(portal, PHONE)
    assert phone.get(path).status_code == 200
    assert "Le compte p.hoarau est activé." in words(phone.follow(phone.post(path)))


def test_whoever_activates_the_account_of_the_other_parent_is_not_told_that_it_is_still_to_come(
    waiting: Browser, database: Database, sealer: Sealer, settings: Settings
) -> None:
    """Both read one mailbox, and the link opens in the browser where the own account waits."""
    with database.writing() as session:
        other = make_account(session, "l.hoarau", state=AccountState.ACTIVATING, email=EMAIL)
        link = create_link(session, other, LinkPurpose.ACTIVATION, EMAIL, clock.now())
        path = link_address(settings, link).removeprefix(settings.public_portal_url)
    waiting.get(path)
    page = words(waiting.follow(waiting.post(path)))
    assert "Le compte l.hoarau est activé." in page
    assert "Votre compte n'est pas encore activé" not in page
    assert EMAIL in page


def test_whoever_comes_back_too_early_is_told_what_is_missing(waiting: Browser) -> None:
    assert "Votre compte n'est pas encore activé." in words(waiting.follow(waiting.get("/")))


def test_a_second_mail_within_a_minute_is_refused(waiting: Browser, directory: Directory) -> None:
    page = waiting.follow(waiting.post("/activation/attente/renvoyer"))
    assert "Attendez une minute" in words(page)
    assert len(directory.mails(AccountMailKind.ACTIVATION)) == 1


def test_a_mistyped_address_is_corrected_and_the_mail_goes_there(
    family: None, portal: Flask, directory: Directory
) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        browser = Browser(portal)
        browser.log_in("p.hoarau", INITIAL_PASSWORD)
        browser.post("/premiere-connexion", **STEP_ONE)
        wrong = directory.mailed_path(LinkPurpose.ACTIVATION)
        traveller.shift(timedelta(minutes=2))
        right = {"email": "paul.hoarau@example.org", "email_again": "paul.hoarau@example.org"}
        assert "L'adresse est corrigée." in words(browser.follow(browser.post("/activation/attente/adresse", **right)))
        assert browser.get(wrong).status_code == 410
    assert directory.account("p.hoarau").email == "paul.hoarau@example.org"
    assert directory.mails(AccountMailKind.ACTIVATION)[-1].recipient == "paul.hoarau@example.org"


def correct(browser: Browser, email: str) -> Any:
    return browser.post("/activation/attente/adresse", email=email, email_again=email)


def test_a_slip_is_corrected_at_once_but_no_series_of_addresses_is_written_to(
    waiting: Browser, directory: Directory
) -> None:
    for number in range(3):
        done = waiting.follow(correct(waiting, f"paul{number}@example.org"))
        assert "L'adresse est corrigée." in words(done)
    refused = correct(waiting, "paul3@example.org")
    assert refused.status_code == 429
    assert "Attendez une minute" in words(refused)
    assert "aria-invalid" not in refused.text
    assert 'value="paul3@example.org"' in refused.text
    assert directory.account("p.hoarau").email == "paul2@example.org"
    assert len(directory.mails(AccountMailKind.ACTIVATION)) == 4


def test_the_same_address_again_within_a_minute_is_too_soon_and_no_error_of_the_address(
    waiting: Browser, directory: Directory
) -> None:
    refused = correct(waiting, EMAIL)
    assert refused.status_code == 429
    assert "aria-invalid" not in refused.text
    assert len(directory.mails(AccountMailKind.ACTIVATION)) == 1


def test_an_address_a_slip_away_from_a_common_one_is_questioned_and_corrected_with_one_press(
    waiting: Browser, directory: Directory
) -> None:
    assert "Vouliez-vous dire" not in words(waiting.get("/activation/attente"))
    page = waiting.follow(correct(waiting, "paul.hoarau@gmail.con"))
    assert "Vouliez-vous dire : paul.hoarau@gmail.com" in words(page)
    meant = re.search(r'name="email" value="([^"]+)"><input type="hidden" name="email_again"', page.text)[1]
    page = waiting.follow(correct(waiting, meant))
    assert "Vouliez-vous dire" not in words(page)
    assert directory.account("p.hoarau").email == "paul.hoarau@gmail.com"


@pytest.mark.parametrize("typed", [("paul", "paul"), ("a@example.org", "b@example.org"), ("", "")])
def test_a_correction_that_is_no_address_is_refused(
    waiting: Browser, directory: Directory, typed: tuple[str, str]
) -> None:
    page = waiting.post("/activation/attente/adresse", email=typed[0], email_again=typed[1])
    assert page.status_code == 422
    assert directory.account("p.hoarau").email == EMAIL


def test_no_secret_is_ever_logged(
    family: None, portal: Flask, directory: Directory, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        browser = Browser(portal)
        browser.log_in("p.hoarau", "mauvais mot de passe")
        browser.log_in("p.hoarau", INITIAL_PASSWORD)
        browser.post("/premiere-connexion", **STEP_ONE)
        path = directory.mailed_path(LinkPurpose.ACTIVATION)
        browser.post(path)
    for secret in ("mauvais mot de passe", INITIAL_PASSWORD, CHOSEN, path.rpartition("-")[2]):
        assert secret not in caplog.text


def test_no_page_ever_shows_the_link_or_the_password(waiting: Browser, directory: Directory) -> None:
    token = directory.mailed_path(LinkPurpose.ACTIVATION).rpartition("-")[2]
    page = waiting.get("/activation/attente")
    assert token not in page.text
    assert CHOSEN not in page.text
