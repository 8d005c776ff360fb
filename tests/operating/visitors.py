"""Families and members of staff as browsers are: pages, forms with whatever they hold, cookies, over https."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests
import urllib3
from lxml import html
from requests.adapters import HTTPAdapter

from tests.factories import PASSWORD
from tests.operating.installation import NAMES

# The certificate of the relay is signed by itself.
urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

LONGEST_SECONDS = 60
"""What a person waits for a page before closing it."""
SEEN = {200, 302, 303}


class NotServed(Exception):
    """The page was not there, or another one than what was asked for."""


class _From(HTTPAdapter):
    """Comes from an address of its own: limits count by address."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, source_address=(self._address, 0), **options)


class Visitor:
    """One browser, at one application, through the balancer."""

    def __init__(self, port: int, application: str, number: int) -> None:
        self._address = f"https://127.0.0.1:{port}"
        self._browser = requests.Session()
        self._browser.trust_env = False
        self._browser.mount("https://", _From(f"127.0.{1 + number // 250}.{1 + number % 250}"))
        name = NAMES[application]
        # Each request by a connection of its own: one that is kept may be closed at the moment at which it is used.
        self._browser.headers.update({"Host": name, "Referer": f"https://{name}/", "Connection": "close"})

    def get(self, path: str) -> requests.Response:
        """A page, which must be there."""
        return self._ask("GET", path)

    def log_in(self, path: str, field: str, login: str) -> None:
        """Come in with `PASSWORD`."""
        self._browser.cookies.clear()
        self.send(path, {field: login, "password": PASSWORD}, lambda form: field in form.fields)
        if "/connexion" in self.get("/").url:
            raise NotServed(f"{login} came in, and was asked again")

    def send(
        self,
        page: str,
        fields: Mapping[str, str],
        chosen: Callable[[html.FormElement], bool],
        files: tuple[Path, ...] = (),
    ) -> requests.Response:
        """Fill in the form of a page and send it; the answer leads to another page."""
        shown = self.get(page)
        found = [form for form in html.fromstring(shown.content).forms if form.method == "POST" and chosen(form)]
        if not found:
            raise NotServed(f"no such form on {page}")
        action = urljoin(page, found[0].action or page)
        held = {name: value for name, value in found[0].form_values() if name != "fichiers"}
        sent = [("fichiers", (file.name, file.read_bytes())) for file in files]
        answer = self._ask("POST", action, data={**held, **fields}, files=sent or None)
        if answer.status_code == 200:
            raise NotServed(f"{action} was answered with the form again")
        return answer

    def _ask(self, method: str, path: str, **options: Any) -> requests.Response:
        answer = self._browser.request(
            method,
            urljoin(self._address, path),
            verify=False,
            timeout=LONGEST_SECONDS,
            allow_redirects=method == "GET",
            **options,
        )
        if answer.status_code not in SEEN:
            raise NotServed(f"{method} {path}: {answer.status_code}")
        return answer
