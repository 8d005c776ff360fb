"""R10: wrong passwords slow down; a stranger cannot lock a family out."""

import multiprocessing
import os
import signal
from unittest.mock import patch

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from parent_portal import create_app
from parent_portal.errors import how_long_to_wait
from shared.accounts.login import password_login
from shared.config import Settings
from shared.database import Database
from shared.limits.policy import BY_ADDRESS, FROM_ANYWHERE, FROM_THIS_ADDRESS
from shared.models.accounts import LoginThrottle
from tests.factories import INITIAL_PASSWORD, NOW, PASSWORD
from tests.portal.browser import HOME_PC, PHONE, Browser, words
from tests.portal.conftest import Directory, logged_in

STRANGER = "192.0.2.66"


def guess(portal: Flask, times: int, address: str = STRANGER, identifier: str = "m.payet") -> Browser:
    """A browser that tried `times` wrong passwords."""
    browser = Browser(portal, address)
    browser.get("/connexion")
    for number in range(times):
        browser.post("/connexion", identifier=identifier, password=f"essai numéro {number}")
    return browser


def test_after_some_wrong_passwords_the_right_one_must_wait_too(family: None, portal: Flask) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        browser = guess(portal, FROM_THIS_ADDRESS.free + 1)
        page = browser.post("/connexion", identifier="m.payet", password=PASSWORD)
        assert page.status_code == 429
        assert "Trop d'essais. Attendez une minute, puis recommencez." in words(page)
        assert int(page.headers["Retry-After"]) == 60
        traveller.shift(FROM_THIS_ADDRESS.first_wait)
        assert browser.log_in("m.payet", PASSWORD).status_code == 303


def test_an_attempt_counts_even_if_its_process_dies_while_it_is_looked_at(
    family: None, settings: Settings, database: Database
) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_log_in_and_die, args=(settings,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    counted = select(LoginThrottle.failures).where(LoginThrottle.realm == FROM_THIS_ADDRESS.realm)
    with database.reading() as session:
        assert session.scalars(counted).all() == [1]


def _log_in_and_die(settings: Settings) -> None:
    with patch.object(password_login, "password_matches", lambda *_: os.kill(os.getpid(), signal.SIGKILL)):
        Browser(create_app(settings)).log_in("m.payet", PASSWORD)


def test_the_wait_grows_and_is_said_in_minutes(family: None, portal: Flask) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        browser = guess(portal, FROM_THIS_ADDRESS.free)
        for _ in range(6):
            page = browser.post("/connexion", identifier="m.payet", password="encore un essai")
            traveller.shift(FROM_THIS_ADDRESS.longest_wait if page.status_code == 429 else 0)
        browser.post("/connexion", identifier="m.payet", password="encore un essai")
        page = browser.post("/connexion", identifier="m.payet", password="encore un essai")
    assert page.status_code == 429
    assert "minutes, puis recommencez." in words(page)
    # The language can be changed there too: it is not the page of login, which has its own choice above.
    assert page.text.count('class="languages"') == browser.get("/connexion").text.count('class="languages"') == 1


def test_a_wait_of_hours_is_not_said_in_minutes(portal: Flask) -> None:
    with portal.test_request_context(), time_machine.travel(NOW, tick=False):
        assert [how_long_to_wait(minutes).partition("Attendez ")[2] for minutes in (1, 119, 120, 1440)] == [
            "une minute, puis recommencez.",
            "119 minutes, puis recommencez.",
            "2 heures, puis recommencez.",
            "24 heures, puis recommencez.",
        ]


def test_an_unknown_identifier_is_slowed_down_just_the_same(family: None, portal: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        known = guess(portal, FROM_THIS_ADDRESS.free + 1, "192.0.2.1")
        unknown = guess(portal, FROM_THIS_ADDRESS.free + 1, "192.0.2.2", "x.inconnu")
        answers = [
            browser.post("/connexion", identifier=identifier, password=PASSWORD)
            for browser, identifier in ((known, "m.payet"), (unknown, "x.inconnu"))
        ]
    assert [answer.status_code for answer in answers] == [429, 429]
    assert words(answers[0]) == words(answers[1])


def test_a_stranger_cannot_keep_a_family_out_of_where_it_logged_in_before(family: None, portal: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        assert Browser(portal, HOME_PC).log_in("m.payet", PASSWORD).status_code == 303
        for number in range(FROM_ANYWHERE.free + 5):
            guess(portal, 1, f"192.0.2.{number}")
        assert Browser(portal, HOME_PC).log_in("m.payet", PASSWORD).status_code == 303


def test_nor_out_of_a_new_place_for_longer_than_a_minute(family: None, portal: Flask) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        for number in range(FROM_ANYWHERE.free + 5):
            guess(portal, 1, f"192.0.2.{number}")
        assert Browser(portal, HOME_PC).log_in("m.payet", PASSWORD).status_code == 429
        traveller.shift(60)
        assert Browser(portal, HOME_PC).log_in("m.payet", PASSWORD).status_code == 303


def test_one_address_cannot_go_through_the_directory(family: None, portal: Flask, directory: Directory) -> None:
    with time_machine.travel(NOW, tick=False):
        close_address(portal, directory, STRANGER)
        assert Browser(portal, HOME_PC).log_in("m.payet", PASSWORD).status_code == 303


def test_guessing_through_the_merge_page_is_slowed_down_too(family: None, portal: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        marie = logged_in(portal, "m.payet")
        for number in range(FROM_THIS_ADDRESS.free + 1):
            marie.get("/fusion")
            marie.post("/fusion", identifier="m.payet1", password=f"essai {number}", keep="this")
        marie.get("/fusion")
        page = marie.post("/fusion", identifier="m.payet1", password=PASSWORD, keep="this")
    assert page.status_code == 429


def test_strangers_who_poll_do_not_keep_out_a_family_that_never_came(family: None, portal: Flask) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        strangers = [guess(portal, 1, f"192.0.{number}.1", "p.hoarau") for number in range(FROM_ANYWHERE.free + 5)]
        paul, answers = Browser(portal, PHONE), []
        for _ in range(5):
            for stranger in strangers[:2]:
                stranger.post("/connexion", identifier="p.hoarau", password="encore un essai")
            answers.append(paul.log_in("p.hoarau", INITIAL_PASSWORD).status_code)
            traveller.shift(15)
    assert answers[0] == 429
    assert 303 in answers


def close_address(portal: Flask, directory: Directory, address: str) -> None:
    """Strangers type so many wrong passwords from `address` that it waits."""
    guess(portal, 1, address, "p.nom0")
    with directory.database.writing() as session:
        at_address = update(LoginThrottle).where(LoginThrottle.realm == BY_ADDRESS.realm)
        session.execute(at_address.values(failures=BY_ADDRESS.free))
    guess(portal, 1, address, "p.nom1")
    refused = guess(portal, 0, address).post("/connexion", identifier="p.nom2", password="essai")
    assert refused.status_code == 429


def test_a_neighbour_behind_the_same_address_does_not_keep_a_family_out(
    family: None, portal: Flask, directory: Directory
) -> None:
    with time_machine.travel(NOW, tick=False):
        marie = logged_in(portal, "m.payet")
        marie.post("/deconnexion")
        guess(portal, FROM_THIS_ADDRESS.free + 2, HOME_PC)
        close_address(portal, directory, HOME_PC)
        assert marie.log_in("m.payet", PASSWORD).status_code == 303


def test_nor_out_of_another_browser_at_home(family: None, portal: Flask, directory: Directory) -> None:
    with time_machine.travel(NOW, tick=False):
        logged_in(portal, "m.payet")
        close_address(portal, directory, HOME_PC)
        assert Browser(portal, HOME_PC).log_in("m.payet", PASSWORD).status_code == 303


def test_a_browser_is_known_again_in_a_new_place_by_a_cookie_that_opens_nothing(family: None, portal: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        marie = logged_in(portal, "m.payet")
        device = marie.cookie("portail-appareil")
        assert device
        marie.post("/deconnexion")
        assert marie.cookie("portail-appareil") == device
        assert marie.get("/").status_code == 303
        for number in range(FROM_ANYWHERE.free + 5):
            guess(portal, 1, f"192.0.{number}.1")
        assert Browser(portal, PHONE).log_in("m.payet", PASSWORD).status_code == 429
        marie.address = "203.0.113.77"
        assert marie.log_in("m.payet", PASSWORD).status_code == 303


def test_a_cookie_made_up_is_no_known_browser(family: None, portal: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        for number in range(FROM_ANYWHERE.free + 5):
            guess(portal, 1, f"192.0.{number}.1")
        for made_up in ("x" * 43, "", "é" * 43, "x" * 2000):
            browser = Browser(portal, PHONE)
            browser.client.set_cookie("portail-appareil", made_up)
            assert browser.log_in("m.payet", PASSWORD).status_code == 429


@pytest.fixture
def behind_a_relay(settings: Settings, database: Database, family: None) -> Flask:
    return create_app(settings.model_copy(update={"trusted_proxies": 1}), database)


def forwarded(portal: Flask, address: str, identifier: str = "m.payet", password: str = "essai") -> int:
    browser = Browser(portal)
    browser.get("/connexion")
    data = {"csrf_token": browser._token or "", "identifier": identifier, "password": password}
    return browser.client.post("/connexion", data=data, headers={"X-Forwarded-For": address}).status_code


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "written", ["x" * 80, "1" * 5000, "é", "unknown", "1.2.3.4, 5.6.7.8:99999999", "%", "[", "\x7f"]
)
def test_whatever_a_relay_says_of_an_address_breaks_nothing(behind_a_relay: Flask, written: str) -> None:
    assert forwarded(behind_a_relay, written) == 422
    assert forwarded(behind_a_relay, written, password=PASSWORD) == 303


@pytest.mark.parametrize(
    "written", ["198.51.100.9:{port}", "[2001:db8:1:2::9]:{port}", "::ffff:198.51.100.9", "2001:db8:1:2::{port}"]
)
def test_an_address_with_a_port_is_slowed_down_like_any_other(behind_a_relay: Flask, written: str) -> None:
    with time_machine.travel(NOW, tick=False):
        for port in range(1000, 1001 + FROM_THIS_ADDRESS.free):
            assert forwarded(behind_a_relay, written.format(port=port)) == 422
        assert forwarded(behind_a_relay, written.format(port=2000)) == 429


def test_addresses_of_ipv4_in_the_form_of_ipv6_do_not_wait_for_each_other(behind_a_relay: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        for _ in range(FROM_THIS_ADDRESS.free + 1):
            forwarded(behind_a_relay, "::ffff:198.51.100.9")
        assert forwarded(behind_a_relay, "::ffff:198.51.100.9") == 429
        assert forwarded(behind_a_relay, "::ffff:203.0.113.9", password=PASSWORD) == 303
