"""Whatever is sent to an endpoint for ENTs, nothing breaks down and nothing is told that nobody asked for rightly."""

import itertools
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select

from shared.database import Database
from shared.models.access.ents import EntEntry
from tests.fuzzing import NASTY, Dice, attack_for_long
from tests.portal.browser import Browser
from tests.portal.conftest import logged_in
from tests.provider.ents.ent import Ent

ENDPOINTS = (
    ("GET", "/ent/metadonnees"),
    ("GET", "/ent/connexion"),
    ("GET", "/ent/suite"),
    ("POST", "/ent/accord"),
    ("GET", "/ent/fin"),
    ("POST", "/ent/fin"),
)


def fetch(browser: Browser, method: str, path: str, fields: list[tuple[str, str]]) -> Any:
    sent = urlencode(fields, errors="surrogatepass")
    if method == "GET":
        return browser.client.get(f"{path}?{sent}")
    # With the right token where a form must bear one, so that what is behind is reached.
    token = urlencode([("csrf_token", browser._token or "")])
    return browser.client.post(path, data=f"{token}&{sent}", content_type="application/x-www-form-urlencoded")


def right(ent: Ent) -> dict[str, str]:
    """The fields of a question, and of the forms that follow it."""
    return {**dict(parse_qsl(ent.address().partition("?")[2])), "asked": "_1", "answer": "no", "sent": "SAMLRequest=x"}


def entries(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(EntEntry)) or 0


@pytest.fixture
def browsers(portal: Flask, ent: Ent) -> tuple[Browser, Browser]:
    """One that entered already, and one of nobody."""
    portal.testing, portal.config["PROPAGATE_EXCEPTIONS"] = False, False
    known = logged_in(portal, "m.payet")
    ent.enter(known)
    return known, Browser(portal)


def test_each_endpoint_stands_every_nasty_value(
    browsers: tuple[Browser, Browser], ent: Ent, database: Database
) -> None:
    fields, broken = right(ent), []
    for (method, path), visitor, nasty in itertools.product(ENDPOINTS, browsers, NASTY):
        visitor.get("/mot-de-passe-oublie")
        for sent in ([*fields.items(), ("RelayState", nasty)], [(name, nasty) for name in fields]):
            answer = fetch(visitor, method, path, sent)
            if answer.status_code >= 500:
                broken.append(f"{method} {path} {nasty[:20]!r}: {answer.status_code}")
    assert broken == []
    assert entries(database) == 1


def test_no_mixture_breaks_it_or_is_told(browsers: tuple[Browser, Browser], ent: Ent, database: Database) -> None:
    fields, known = right(ent), browsers[0]

    def attack(seed: int) -> None:
        dice = Dice(seed)
        method, path = dice.random.choice(ENDPOINTS)
        visitor = known if dice.random.random() < 0.7 else browsers[1]
        # Something of what is signed is always another one.
        sent = [
            (name, dice.value() if name == "Signature" or dice.random.random() < 0.3 else value)
            for name, value in fields.items()
            if dice.random.random() < 0.8
        ]
        dice.random.shuffle(sent)
        answer = fetch(visitor, method, path, sent)
        assert answer.status_code < 500, (method, path, sent)

    attack_for_long(attack)
    # What was right all along still is.
    assert entries(database) == 1
    assert "SAMLResponse" in known.client.get(ent.address()).text
