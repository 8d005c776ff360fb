"""A téléservice of the tests: it asks as one does, and reads what it is answered as strictly as one should."""

import base64
import hashlib
import html
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from tests.portal.browser import Browser

BACK = "https://bourses.example.org/retour"
AFTER = "https://bourses.example.org/au-revoir"
_REFRESH = re.compile(r'http-equiv="refresh" content="0; url=([^"]+)"')
_SENT = re.compile(r'name="sent" value="([^"]*)"')
VERIFIER = secrets.token_urlsafe(48)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def where(response: TestResponse) -> str:
    """Where a browser goes next, by a redirection or by a page that leads there; empty when it stays."""
    if response.status_code in {302, 303}:
        return response.headers["Location"]
    led = _REFRESH.search(response.text)
    return html.unescape(led[1]) if led else ""


def said(address: str) -> dict[str, str]:
    """The parameters of an address, each there once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query, strict_parsing=True).items()}


@dataclass
class Service:
    """Registered at the portal, with what it was given."""

    portal: Flask
    client_id: str
    secret: str
    number: int
    issuer: str = "http://localhost:5002"
    asked: dict[str, str] = field(default_factory=dict)

    def question(self, **changes: str | None) -> dict[str, str]:
        """What it asks a browser to bring to the portal."""
        own: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": BACK,
            "scope": "openid profile email enfants",
            "state": "etat",
            "nonce": "nonce",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (own | changes).items() if value is not None}

    def send(self, browser: Browser, **changes: str | None) -> TestResponse:
        """Send a browser there; `prompt`, `max_age`… may be among the changes."""
        return browser.get("/openid/autorisation?" + urlencode(self.question(**changes)))

    def code(self, browser: Browser, **changes: str | None) -> str:
        """The whole way of a family that agrees."""
        sent = self.send(browser, **changes)
        back = where(sent) or where(agree(browser, sent))
        answer = said(back)
        assert back.startswith(changes.get("redirect_uri") or BACK), back
        assert answer.get("iss") == self.issuer
        return answer["code"]

    def exchange(self, code: str, /, **changes: str | None) -> TestResponse:
        """Bring a code to the token endpoint."""
        own: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            "client_id": self.client_id,
            "client_secret": self.secret,
        }
        fields = {name: value for name, value in (own | changes).items() if value is not None}
        return self.portal.test_client().post("/openid/jeton", data=fields)

    def tokens(self, browser: Browser, **changes: str | None) -> dict[str, Any]:
        """What a family that comes in is worth."""
        answer = self.exchange(self.code(browser, **changes))
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def person(self, token: str) -> TestResponse:
        """Who a token is of."""
        return self.portal.test_client().get("/openid/personne", headers={"Authorization": f"Bearer {token}"})

    def keys(self) -> KeySet:
        """What the portal publishes."""
        return KeySet.import_key_set(self.portal.test_client().get("/openid/cles").json)

    def claims(self, token: str) -> Mapping[str, Any]:
        """What a signed token says, once its signature holds."""
        return jwt.decode(token, self.keys(), algorithms=["RS256"]).claims


def agree(browser: Browser, shown: TestResponse, answer: str = "yes") -> TestResponse:
    """Press a button of the page of consent."""
    sent = _SENT.search(shown.text)
    assert sent is not None, shown.text
    return browser.post("/openid/accord", sent=html.unescape(sent[1]), answer=answer)
