"""How many screens and fields there are between the letter and an activated account, and through a merge."""

import re
from dataclasses import dataclass, field

from flask import Flask
from werkzeug.test import TestResponse

from shared.models.accounts import AccountState, LinkPurpose
from tests.factories import INITIAL_PASSWORD, PASSWORD
from tests.portal.browser import PHONE, Browser
from tests.portal.conftest import Directory

EMAIL = "paul@example.org"
CHOSEN = "lagon calme du dimanche"
_MAIN = re.compile(r"<main.*?</main>", re.DOTALL)
_FIELD = re.compile(r'<(?:input(?![^>]*(?:type="hidden"|type="radio"|\shidden))|textarea|select)[^>]*name="(\w+)"')


@dataclass
class Walk:
    """What somebody sees and fills in."""

    screens: int = 0
    fields: list[str] = field(default_factory=list)

    def see(self, page: TestResponse) -> None:
        assert page.status_code == 200
        self.screens += 1

    def fill(self, page: TestResponse) -> None:
        """Every field of the first form of a page."""
        self.see(page)
        main = _MAIN.search(page.text)
        assert main
        self.fields += _FIELD.findall(main[0].partition("</form>")[0])


def test_from_the_letter_to_the_activated_account_in_four_screens_and_six_fields(
    family: None, portal: Flask, directory: Directory
) -> None:
    browser, walk = Browser(portal), Walk()
    walk.fill(browser.follow(browser.get("/")))
    answer = browser.post("/connexion", identifier="p.hoarau", password=INITIAL_PASSWORD)
    walk.fill(browser.follow(answer))
    answer = browser.post("/premiere-connexion", email=EMAIL, email_again=EMAIL, password=CHOSEN, password_again=CHOSEN)
    walk.see(browser.follow(answer))
    phone, path = Browser(portal, PHONE), directory.mailed_path(LinkPurpose.ACTIVATION)
    walk.see(phone.get(path))
    phone.post(path)
    assert directory.account("p.hoarau").state is AccountState.ACTIVE
    assert walk.screens <= 4
    assert walk.fields == ["identifier", "password", "email", "email_again", "password", "password_again"]


def test_two_accounts_become_one_in_two_screens(marie: Browser) -> None:
    walk = Walk()
    walk.fill(marie.get("/fusion"))
    answer = marie.post("/fusion", identifier="m.payet1", password=PASSWORD, keep="this")
    walk.see(marie.follow(answer))
    assert walk.screens <= 2
    assert walk.fields == ["identifier", "password"]
