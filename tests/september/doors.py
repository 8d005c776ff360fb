"""What a family does on the portal, over HTTP, with what it got: a link, a code, or a letter."""

import re
from dataclasses import dataclass
from datetime import date

from flask import Flask

from tests.portal.browser import Browser
from tests.smtp import Mailbox, text_of

PASSWORD = "ruche haute du vendredi"
NEW_PASSWORD = {"password": PASSWORD, "password_again": PASSWORD}
LINK = re.compile(r"https?://[^/\s]+(/sans-lettre/[\w.~-]+)")
ACTIVATION = re.compile(r"https?://[^/\s]+(/activation/[\w.~-]+)")
CODE = re.compile(r"\b[a-z0-9]{5}-[a-z0-9]{5}\b")
INITIAL = re.compile(r"\b[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}\b")

KEYS = re.compile(r"Votre identifiant\s+(\S+)\s+Votre mot de passe provisoire\s+(\S+)")
TOKEN = re.compile(r"[a-z0-9.]+")


class NoDoor(Exception):
    """What the family got opened nothing: the simulation is wrong, or the software is."""


@dataclass(frozen=True)
class Family:
    """What a family knows of itself."""

    account_id: int
    identifier: str
    email: str
    """Of the school base, else the one that it types."""
    born: date
    """One of its children."""

    def browser(self, portal: Flask) -> Browser:
        """Its own, from a network of its own."""
        return Browser(portal, f"10.{self.account_id >> 16 & 255}.{self.account_id >> 8 & 255}.{self.account_id & 255}")

    @property
    def birth_date(self) -> dict[str, str]:
        """As the portal asks for it."""
        return {"day": str(self.born.day), "month": str(self.born.month), "year": str(self.born.year)}


def passwords_in(page: str) -> dict[str, str]:
    """What a printed page says, by identifier: of each coupon, or of the one letter."""
    if coupons := KEYS.findall(page):
        return dict(coupons)
    found = INITIAL.search(page)
    return dict.fromkeys(TOKEN.findall(page), found[0]) if found else {}


def by_mail(portal: Flask, family: Family, text: str) -> bool:
    """Activate with what the mail says: its link, or its password; returns whether a confirmation is still to come."""
    found = LINK.search(text)
    if found is None:
        return by_letter(portal, family, _one(INITIAL, text))
    browser, path = family.browser(portal), found[1]
    browser.get(path)
    browser.follow(browser.post(path, **family.birth_date))
    browser.follow(browser.post(f"{path}/mot-de-passe", **NEW_PASSWORD))
    return False


def by_sms(portal: Flask, family: Family, text: str) -> bool:
    """Type the code and a birth date, then choose an e-mail and a password."""
    browser = family.browser(portal)
    browser.get("/code")
    browser.follow(browser.post("/code", code=_one(CODE, text), **family.birth_date))
    return _first_login(browser, family)


def by_letter(portal: Flask, family: Family, initial_password: str) -> bool:
    """Log in as the letter says, then choose an e-mail and a password."""
    browser = family.browser(portal)
    browser.follow(browser.log_in(family.identifier, initial_password))
    return _first_login(browser, family)


def confirm(portal: Flask, family: Family, mailbox: Mailbox) -> None:
    """Press the button of the activation mail."""
    texts = [text for text in map(text_of, mailbox.to(family.email)) if ACTIVATION.search(text)]
    for text in reversed(texts):
        browser, path = family.browser(portal), _one(ACTIVATION, text, group=1)
        if browser.get(path).status_code == 200:
            browser.follow(browser.post(path))


def _first_login(browser: Browser, family: Family) -> bool:
    typed = {"email": family.email, "email_again": family.email, **NEW_PASSWORD}
    answer = browser.post("/premiere-connexion", **typed)
    if answer.status_code != 303:
        raise NoDoor(f"{family.identifier}: {answer.status_code}")
    return True


def _one(pattern: re.Pattern[str], text: str, *, group: int = 0) -> str:
    found = pattern.search(text)
    if found is None:
        raise NoDoor(pattern.pattern)
    return found[group]
