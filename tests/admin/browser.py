"""A browser of the back office: keeps cookies, and sends the fields that every form of ours holds."""

import html
import re
from typing import Any

import pyotp
from flask import Flask
from werkzeug.test import TestResponse

from shared import clock
from tests.factories import PASSWORD, SECRET

__all__ = ["SECRET", "Browser", "code_of", "hidden", "sent_to", "words"]

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """One member of staff at work."""

    def __init__(self, app: Flask, address: str = "192.0.2.7") -> None:
        self.client = app.test_client()
        self.environ = {"REMOTE_ADDR": address}
        self._seen: tuple[str | None, str] = (None, "")

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(path, query_string=query or None, environ_base=self.environ)

    def post(self, path: str, data: dict[str, Any] | None = None, *, on: str = "/mot-de-passe/") -> TestResponse:
        """Send a form as the pages of ours would: with the token of this browser and the establishment chosen."""
        fields = {"csrf_token": self.token(on), "etablissement": self.school_id, **(data or {})}
        return self.client.post(path, data=fields, environ_base=self.environ)

    def log_in(self, login: str, password: str = PASSWORD) -> TestResponse:
        return self.post("/connexion/", {"login": login, "password": password}, on="/connexion/")

    def give_code(self, code: str) -> TestResponse:
        """The second step of a login."""
        return self.post("/connexion/code/", {"code": code}, on="/connexion/code/")

    def choose(self, establishment_id: int) -> TestResponse:
        return self.post("/etablissements/", {"choix": establishment_id})

    def token(self, page: str) -> str:
        """The one that the form of `page` holds: the same on all pages, until the cookie of this browser is another."""
        told, token = self._seen
        if told is None or told != self._kept("csrf_token"):
            found = _TOKEN.search(self.get(page).text)
            token = found[1] if found else ""
            self._seen = self._kept("csrf_token"), token
        return token

    @property
    def school_id(self) -> int | str:
        return self._kept("establishment_id") or ""

    def _kept(self, name: str) -> Any:
        with self.client.session_transaction() as kept:
            return kept.get(name)


def words(response: TestResponse) -> str:
    """What a page says, without its tags, on one line."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", response.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u202f", " ").replace("\xa0", " ").split())


def hidden(response: TestResponse, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', response.text)
    assert found is not None, f"no field {name}"
    return html.unescape(found[1])


def sent_to(response: TestResponse) -> str:
    """Where a page sends the browser by itself: a form may not lead there."""
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', response.text)
    assert found is not None, response.status
    return html.unescape(found[1])


def code_of(secret: str, seconds_from_now: int = 0) -> str:
    """What the application on a telephone shows."""
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + seconds_from_now)
