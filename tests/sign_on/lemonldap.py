"""LemonLDAP::NG as the demonstration starts it (`shared.demo.lemonldap`), and a visitor of it."""

import html
import os
import re
import socket
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

from shared.demo.lemonldap import (
    FILES,
    cas_for_staff,
    command,
    ent,
    is_installed,
    openid_for_staff,
    people,
    saml_for_staff,
    write,
)
from shared.models.access.identity_providers import ProviderKind
from shared.sign_on.saml.party import new_key
from tests.patience import ended, wait_until
from tests.ports import free_port

CLIENT, SECRET = "teleservices", "un-secret-de-client"

__all__ = ["CLIENT", "SECRET", "Lemonldap", "is_installed", "running", "running_ent"]


@dataclass
class Lemonldap:
    """One that answers."""

    issuer: str

    def address_of(self, kind: ProviderKind) -> str:
        """Where it is asked that way."""
        return self.issuer + {ProviderKind.CAS: "/cas", ProviderKind.SAML: "/saml/metadata"}.get(kind, "")

    def log_in(self, address: str, login: str) -> str:
        """Go where we send a browser, log in there as its page asks, and say where it sends the browser back to."""
        return self._logged_in(address, login)[0]

    def form_for_us(self, address: str, login: str) -> tuple[str, dict[str, str]]:
        """The same where it sends the browser back by a form: where to, and its fields."""
        page = self._logged_in(address, login)[1]
        found = re.search(r'<form[^>]*action="([^"]+)"', page)
        assert found is not None, page
        fields = re.findall(r'<input type="hidden" name="(\w+)"[^>]*value="([^"]*)"', page)
        return html.unescape(found[1]), {name: html.unescape(value) for name, value in fields}

    def _logged_in(self, address: str, login: str) -> tuple[str, str]:
        stays = _StaysHere()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(_LocalCookies()), stays)
        opener.open(address).read()
        form = urlencode({"user": login, "password": login, "url": "", "timezone": "2", "skin": "bootstrap"}).encode()
        page = opener.open(urllib.request.Request(address, data=form)).read().decode()
        return stays.left_for, page


class _LocalCookies(CookieJar):
    """Keeps the cookies of a name without dots, as browsers do for this machine."""

    def set_cookie_if_ok(self, cookie, request) -> None:  # type: ignore[no-untyped-def]
        self.set_cookie(cookie)

    def add_cookie_header(self, request) -> None:  # type: ignore[no-untyped-def]
        held = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self)
        if held:
            request.add_unredirected_header("Cookie", held)


class _StaysHere(urllib.request.HTTPRedirectHandler):
    """Follows it as long as it leads to itself, and notes where else it leads."""

    left_for = ""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        if newurl.startswith(f"{req.type}://{req.host}/"):
            return super().redirect_request(req, fp, code, msg, headers, newurl)
        self.left_for = newurl
        return urllib.request.Request(f"{req.type}://{req.host}/static/nothing")

    def http_error_404(self, req, fp, code, msg, headers):  # type: ignore[no-untyped-def]
        return fp


@contextmanager
def running(folder: Path, uai: str, back: str, saml: str = "") -> Iterator[Lemonldap]:
    """One in `folder`, whose people work in `uai`, and that sends browsers back to `back`.

    `saml` is what it knows of a service provider: its metadata.
    """
    port = free_port()
    portal = f"http://localhost:{port}"
    settings = {**people(uai), **openid_for_staff(portal, back, CLIENT, SECRET), **cas_for_staff()}
    if saml:
        settings |= saml_for_staff(saml, new_key(datetime.now(UTC)))
    with started(folder, port, "lemonldap", settings):
        yield Lemonldap(portal)


@contextmanager
def running_ent(folder: Path, port: int, portal_metadata: str) -> Iterator[Lemonldap]:
    """One in `folder`, as an ENT that knows families by the portal of these metadata."""
    with started(folder, port, "ent", ent(portal_metadata, new_key(datetime.now(UTC)))):
        yield Lemonldap(f"http://localhost:{port}")


@contextmanager
def started(folder: Path, port: int, cookie: str, settings: Mapping[str, object]) -> Iterator[None]:
    """One of these settings, which answers."""
    ini = write(folder, f"http://localhost:{port}", cookie, settings)
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        command(port), env={**os.environ, FILES: str(ini)}, stdout=log, stderr=log, start_new_session=True
    )
    try:
        wait_until(lambda: _answers(port, server), "LemonLDAP::NG answers")
        yield
    finally:
        server.terminate()
        ended(server)
        log.close()


def _answers(port: int, server: subprocess.Popen[bytes]) -> bool:
    assert server.poll() is None, "LemonLDAP::NG did not start"
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
