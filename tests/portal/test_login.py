"""Logging in and out."""

import base64
import unicodedata
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask

from parent_portal import create_app
from shared import clock
from shared.accounts.credentials.passwords import hash_password
from shared.accounts.credentials.strength.vocabulary import unaccented
from shared.config import Settings
from shared.database import Database
from shared.limits.browsers import OF_ACCOUNTS
from shared.models.accounts import AccountState
from tests.factories import INITIAL_PASSWORD, NOW, PASSWORD
from tests.portal.browser import Browser, words
from tests.portal.conftest import Directory

ACCENTED = "forêt bleue où l'été tarde"
WRONG = "L'identifiant ou le mot de passe n'est pas le bon."


def test_an_active_account_opens_its_home(marie: Browser) -> None:
    page = marie.get("/")
    assert page.status_code == 200
    assert "Léa PAYET" in words(page)


@pytest.mark.parametrize("typed", ["M.Payet", " m.payet ", "m. payet"])
def test_capitals_and_blanks_in_the_identifier_do_not_count(family: None, browser: Browser, typed: str) -> None:
    assert browser.log_in(typed, PASSWORD).headers["Location"] == "/"


@pytest.mark.parametrize("typed", [INITIAL_PASSWORD, "K7MQ-X2HD-9WTB", " k7mq x2hd 9wtb ", "k7mqx2hd9wtb"])
def test_the_initial_password_opens_the_first_login_however_it_is_typed(
    family: None, browser: Browser, typed: str
) -> None:
    assert browser.log_in("p.hoarau", typed).headers["Location"] == "/premiere-connexion"


def test_capitals_in_a_chosen_password_do_count(family: None, browser: Browser) -> None:
    assert WRONG in words(browser.log_in("m.payet", PASSWORD.upper()))


@pytest.mark.parametrize(("chosen", "typed"), [("NFC", "NFD"), ("NFD", "NFC"), ("NFD", "NFD")])
def test_accents_that_a_browser_sends_apart_from_their_letters_are_those_of_another(
    family: None, browser: Browser, directory: Directory, chosen: str, typed: str
) -> None:
    """Firefox on a Mac, and keyboards of Vietnam, send `e` and its accent where others send `é`."""
    directory.change("m.payet", password_hash=hash_password(unicodedata.normalize(chosen, ACCENTED)))
    assert browser.log_in("m.payet", unicodedata.normalize(typed, ACCENTED)).headers["Location"] == "/"


def test_a_password_that_was_kept_with_its_accents_apart_still_opens(
    family: None, browser: Browser, directory: Directory
) -> None:
    apart = unicodedata.normalize("NFD", ACCENTED)
    directory.change("m.payet", password_hash=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(apart))
    assert browser.log_in("m.payet", apart).headers["Location"] == "/"


def test_accents_are_not_passed_over(family: None, browser: Browser, directory: Directory) -> None:
    directory.change("m.payet", password_hash=hash_password(ACCENTED))
    assert WRONG in words(browser.log_in("m.payet", unaccented(ACCENTED)))


def test_a_wrong_password_and_an_unknown_identifier_get_the_same_answer(family: None, portal: Flask) -> None:
    known, unknown = Browser(portal), Browser(portal)
    wrong = known.log_in("m.payet", "ce n'est pas celui-ci")
    nobody = unknown.log_in("x.inconnu", "ce n'est pas celui-ci")
    assert wrong.status_code == nobody.status_code == 422
    assert WRONG in words(wrong)
    assert words(wrong) == words(nobody)
    assert sorted(wrong.headers.keys()) == sorted(nobody.headers.keys())


def test_an_address_in_place_of_the_identifier_is_told_and_counts_for_nothing(family: None, browser: Browser) -> None:
    for _ in range(12):
        page = browser.log_in("marie.payet@example.org", PASSWORD)
        assert page.status_code == 422
        assert "C'est une adresse e-mail. Tapez l'identifiant de la lettre." in words(page)
    assert browser.log_in("m.payet", PASSWORD).headers["Location"] == "/"


def test_the_password_typed_never_comes_back(family: None, browser: Browser) -> None:
    page = browser.log_in("m.payet", "mot-de-passe-faux")
    assert "mot-de-passe-faux" not in page.text
    assert 'value="m.payet"' in page.text


@pytest.mark.parametrize("identifier", ["\x01", "m.payet\x01x", "é" * 3000, "'; DROP TABLE account; --", "\N{SNOWMAN}"])
def test_what_no_keyboard_types_is_only_a_wrong_identifier(family: None, browser: Browser, identifier: str) -> None:
    page = browser.log_in(identifier, "ce n'est pas celui-ci")
    assert page.status_code == 422
    assert WRONG in words(page)


def test_the_title_says_that_something_is_wrong(family: None, browser: Browser) -> None:
    assert words(browser.get("/connexion")).startswith("Connexion –")
    assert words(browser.log_in("", "")).startswith("Erreur : Connexion –")
    assert words(browser.log_in("m.payet", "pas le bon mot")).startswith("Erreur : Connexion –")


def test_empty_fields_are_named_beside_themselves(family: None, browser: Browser) -> None:
    page = browser.log_in("", "")
    assert page.status_code == 422
    assert 'aria-describedby="identifier-aide identifier-erreur"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert "Tapez votre identifiant." in words(page)
    assert "Tapez votre mot de passe." in words(page)


def test_a_disabled_account_is_told_so_only_with_its_password(
    family: None, browser: Browser, directory: Directory
) -> None:
    directory.change("m.payet", state=AccountState.DISABLED, disabled_from=AccountState.ACTIVE)
    assert WRONG in words(browser.log_in("m.payet", "ce n'est pas celui-ci"))
    page = browser.log_in("m.payet", PASSWORD)
    assert page.status_code == 422
    assert "Ce compte est fermé." in words(page)
    assert browser.get("/").headers["Location"] == "/connexion"


def test_a_cookie_replayed_after_logout_opens_nothing(marie: Browser, portal: Flask) -> None:
    stolen = marie.cookie()
    assert stolen
    left = marie.post("/deconnexion")
    assert left.headers["Location"] == "/connexion"
    assert left.headers["Clear-Site-Data"] == '"cache", "storage"'
    thief = Browser(portal)
    thief.client.set_cookie("portail", stolen)
    assert thief.get("/").headers["Location"] == "/connexion"


def test_opening_the_address_of_logout_logs_nobody_out(marie: Browser) -> None:
    assert marie.get("/deconnexion").status_code == 405
    assert marie.get("/").status_code == 200


def test_a_cookie_prepared_by_somebody_else_is_not_the_one_logged_in(family: None, portal: Flask) -> None:
    stranger, victim = Browser(portal), Browser(portal)
    stranger.get("/connexion")
    prepared = stranger.cookie()
    assert prepared
    victim.client.set_cookie("portail", prepared)
    victim.log_in("m.payet", PASSWORD)
    assert victim.get("/").status_code == 200
    assert victim.cookie() != prepared
    assert stranger.get("/").headers["Location"] == "/connexion"
    # Nor does the token of forms that the stranger knows.
    with stranger.client.session_transaction() as cookie:
        known = cookie["csrf_token"]
    with victim.client.session_transaction() as cookie:
        assert cookie["csrf_token"] != known


def test_a_forged_cookie_opens_nothing(marie: Browser, portal: Flask) -> None:
    genuine = marie.cookie()
    assert genuine
    thief = Browser(portal)
    thief.client.set_cookie("portail", genuine[:-4] + ("AAAA" if not genuine.endswith("AAAA") else "BBBB"))
    assert thief.get("/").headers["Location"] == "/connexion"


def test_a_session_ends_by_itself_and_says_so(log_in: Callable[..., Browser]) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        browser = log_in("m.payet")
        while clock.now() < NOW + OF_ACCOUNTS.lifetime:
            assert browser.get("/").status_code == 200
            traveller.shift(OF_ACCOUNTS.idle)
        assert "Vous n'êtes plus connecté." in words(browser.follow(browser.get("/")))


def test_a_browser_left_alone_is_logged_out_and_its_cookie_stays_shut(
    log_in: Callable[..., Browser], portal: Flask
) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        browser, thief = log_in("m.payet"), Browser(portal)
        thief.client.set_cookie("portail", browser.cookie() or "")
        traveller.shift(OF_ACCOUNTS.idle + timedelta(seconds=1))
        assert "Vous n'êtes plus connecté." in words(browser.follow(browser.get("/")))
        assert thief.get("/").headers["Location"] == "/connexion"


def test_whoever_is_logged_in_is_led_home_from_the_login_page(marie: Browser) -> None:
    assert marie.get("/connexion").headers["Location"] == "/"


def test_no_address_given_from_outside_is_ever_followed(family: None, browser: Browser) -> None:
    browser.get("/connexion?next=https://ailleurs.example.org/")
    answer = browser.post(
        "/connexion?next=https://ailleurs.example.org/",
        identifier="m.payet",
        password=PASSWORD,
        next="//ailleurs.example.org",
    )
    assert answer.headers["Location"] == "/"


def test_logging_out_everywhere_ends_every_browser(log_in: Callable[..., Browser]) -> None:
    phone, computer = log_in("m.payet"), log_in("m.payet")
    phone.get("/compte")
    assert phone.post("/compte/deconnecter-partout").headers["Location"] == "/connexion"
    assert phone.get("/").headers["Location"] == "/connexion"
    assert computer.get("/").headers["Location"] == "/connexion"


def test_a_lost_key_makes_the_password_of_a_letter_a_wrong_one_and_shows_nothing_more(
    family: None, settings: Settings, database: Database
) -> None:
    """Whoever asks learns neither that the key is lost nor that the identifier exists."""
    other = base64.urlsafe_b64encode(b"fedcba9876543210fedcba9876543210").decode()
    portal = create_app(Settings(**(settings.model_dump() | {"initial_password_key": other})), database)
    known, unknown = (Browser(portal).log_in(name, INITIAL_PASSWORD) for name in ("p.hoarau", "x.inconnu"))
    assert known.status_code == unknown.status_code == 422
    assert words(known) == words(unknown)
