"""Whatever is sent to an endpoint of the provider, nothing breaks down and nobody gets in."""

import itertools
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import func, select

from shared.database import Database
from shared.models.access.openid import OpenidPass
from tests.fuzzing import NASTY, Dice, attack_for_long
from tests.portal.browser import Browser
from tests.portal.conftest import logged_in
from tests.provider.service import AFTER, VERIFIER, Service, agree, where

ENDPOINTS = (
    ("GET", "/openid/autorisation"),
    ("POST", "/openid/autorisation"),
    ("GET", "/openid/suite"),
    ("POST", "/openid/accord"),
    ("GET", "/openid/verification"),
    ("POST", "/openid/verification"),
    ("POST", "/openid/jeton"),
    ("GET", "/openid/personne"),
    ("POST", "/openid/personne"),
    ("GET", "/openid/fin"),
    ("POST", "/openid/fin"),
    ("POST", "/openid/fin/confirmer"),
    ("GET", "/openid/cles"),
    ("GET", "/.well-known/openid-configuration"),
)
MORE = {
    "prompt": "login",
    "max_age": "10",
    "id_token_hint": "a.b.c",
    "claims": "{}",
    "display": "page",
    "response_mode": "query",
    "ui_locales": "fr",
    "acr_values": "loa-2",
    "login_hint": "m.payet",
    "grant_type": "authorization_code",
    "code": "x",
    "code_verifier": VERIFIER,
    "client_secret": "x",
    "access_token": "x",
    "post_logout_redirect_uri": AFTER,
    "logout_hint": "x",
    "sent": "response_type=code",
    "answer": "yes",
    "current": "x",
}


def fetch(browser: Browser, method: str, path: str, fields: list[tuple[str, str]]) -> Any:
    sent = urlencode(fields, errors="surrogatepass")
    if method == "GET":
        return browser.client.get(f"{path}?{sent}")
    # With the right token where a form must bear one, so that what is behind is reached.
    token = [("csrf_token", browser._token or "")]
    content = "application/x-www-form-urlencoded"
    return browser.client.post(path, data=urlencode(token) + "&" + sent, content_type=content)


def codes(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(OpenidPass).where(OpenidPass.token_hash.is_not(None)))


def test_each_endpoint_stands_every_nasty_value_and_nobody_gets_in(
    portal: Flask, service: Service, database: Database
) -> None:
    portal.testing, portal.config["PROPAGATE_EXCEPTIONS"] = False, False
    browser, stranger = logged_in(portal, "m.payet"), Browser(portal)
    hint = service.tokens(browser)["id_token"]
    right = {**MORE, **service.question(), "id_token_hint": hint}
    broken = []
    for (method, path), (visitor, nasty) in itertools.product(ENDPOINTS, itertools.product((browser, stranger), NASTY)):
        visitor.get("/mot-de-passe-oublie")
        for fields in ([*right.items(), ("state", nasty)], [(name, nasty) for name in right]):
            answer = fetch(visitor, method, path, fields)
            if answer.status_code >= 500:
                broken.append(f"{method} {path} {nasty[:20]!r}: {answer.status_code}")
    assert broken == []
    assert codes(database) == 1


def test_no_mixture_breaks_it_or_gets_a_token(portal: Flask, service: Service, database: Database) -> None:
    portal.testing, portal.config["PROPAGATE_EXCEPTIONS"] = False, False
    browser = logged_in(portal, "m.payet")
    hint = service.tokens(browser)["id_token"]
    right = {**MORE, **service.question(), "id_token_hint": hint}

    def attack(seed: int) -> None:
        dice = Dice(seed)
        method, path = dice.random.choice(ENDPOINTS)
        visitor = browser if dice.random.random() < 0.7 else Browser(portal)
        fields = [
            (name, dice.value() if dice.random.random() < 0.3 else value)
            for name, value in right.items()
            if dice.random.random() < 0.8
        ]
        dice.random.shuffle(fields)
        answer = fetch(visitor, method, path, fields)
        assert answer.status_code < 500, (method, path, fields)
        address = where(answer)
        own = ("/", "https://bourses.example.org/", "http://localhost:5002/")
        assert not address or address.startswith(own), (method, path, fields, address)

    attack_for_long(attack)
    # What was right all along still is.
    again = logged_in(portal, "m.payet")
    shown = service.send(again)
    assert where(shown) or where(agree(again, shown))
    assert codes(database) == 1
