"""R10: wrong passwords slow down; a stranger cannot lock a family out."""

import time_machine
from flask import Flask

from shared.throttling import BY_ADDRESS, FROM_ANYWHERE, FROM_THIS_ADDRESS
from tests.factories import NOW, PASSWORD
from tests.portal.browser import HOME_PC, Browser, words
from tests.portal.conftest import logged_in

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
        traveller.shift(FROM_ANYWHERE.longest_wait)
        assert Browser(portal, HOME_PC).log_in("m.payet", PASSWORD).status_code == 303


def test_one_address_cannot_go_through_the_directory(family: None, portal: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        browser = Browser(portal, STRANGER)
        browser.get("/connexion")
        answers = [
            browser.post("/connexion", identifier=f"p.nom{number}", password="essai").status_code
            for number in range(BY_ADDRESS.free + 2)
        ]
        assert answers[-1] == 429
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
