"""A browser of a parent: keeps its cookies, sends the token of the form it last saw."""

import html
import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_TAG = re.compile(r"<(script|style).*?</\1>|<[^>]+>", re.DOTALL)
HOME_PC = "198.51.100.7"
PHONE = "203.0.113.9"


def words(response: TestResponse) -> str:
    """What a reader sees of a page, on one line."""
    return " ".join(html.unescape(_TAG.sub(" ", response.text)).replace("\N{NO-BREAK SPACE}", " ").split())


class Browser:
    def __init__(self, portal: Flask, address: str = HOME_PC) -> None:
        self.client = portal.test_client()
        self.address = address
        self._token: str | None = None

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._see(self.client.get(path, environ_base=self._environ(), **options))

    def post(self, path: str, /, **fields: str) -> TestResponse:
        """Send a form; the page that holds one is looked at first when none was seen yet."""
        if self._token is None:
            self.get("/mot-de-passe-oublie")
        data = {"csrf_token": self._token or "", **fields}
        return self._see(self.client.post(path, data=data, environ_base=self._environ()))

    def log_in(self, identifier: str, password: str) -> TestResponse:
        self.get("/connexion")
        return self.post("/connexion", identifier=identifier, password=password)

    def follow(self, response: TestResponse) -> TestResponse:
        """The page that `response` leads to."""
        while response.status_code == 303:
            response = self.get(response.headers["Location"])
        return response

    def cookie(self, name: str = "portail") -> str | None:
        cookie = self.client.get_cookie(name)
        return cookie.value if cookie else None

    def _environ(self) -> dict[str, str]:
        return {"REMOTE_ADDR": self.address}

    def _see(self, response: TestResponse) -> TestResponse:
        seen = _TOKEN.search(response.text) if response.mimetype == "text/html" else None
        if seen:
            self._token = seen[1]
        elif "Set-Cookie" in response.headers:
            self._token = None
        return response
