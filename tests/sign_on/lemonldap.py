"""LemonLDAP::NG as the demonstration starts it (`shared.demo.lemonldap`), and a visitor of it."""

import html
import os
import re
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode

from shared.demo.lemonldap import (
    ATTRIBUTES,
    FILES,
    Settings,
    command,
    ent,
    is_installed,
    openid_for_staff,
    own_key,
    people,
    write,
)
from shared.models.access.identity_providers import ProviderKind
from shared.sign_on.saml.party import new_key
from tests.patience import ended, wait_until
from tests.ports import free_port

CLIENT, SECRET = "teleservices", "un-secret-de-client"

__all__ = ["CLIENT", "SECRET", "Lemonldap", "is_installed", "running", "running_ent", "running_service"]

PLUGIN = Path(__file__).parents[2] / "docs" / "lemonldap" / "PkceS256.pm"
"""What docs/sso.md has one install where it is a téléservice."""


def cas_for_staff() -> Settings:
    """As a CAS server."""
    return {
        "issuerDBCASActivation": 1,
        "issuerDBCASRule": 1,
        "issuerDBCASPath": "^/cas/",
        "casAttr": "uid",
        "casAccessControlPolicy": "none",
        "casAttributes": {name: name for name in (*ATTRIBUTES, "cn")},
    }


def saml_for_staff(metadata: str, key: str) -> Settings:
    """As a SAML identity provider of one service, whose questions must be signed; `key` holds its certificate too."""
    return {
        "issuerDBSAMLActivation": 1,
        "issuerDBSAMLRule": 1,
        "issuerDBSAMLPath": "^/saml/",
        **own_key(key),
        "samlSPMetaDataXML": {"us": {"samlSPMetaDataXML": metadata}},
        "samlSPMetaDataOptions": {
            "us": {
                "samlSPMetaDataOptionsNameIDFormat": "unspecified",
                "samlSPMetaDataOptionsNameIDSessionKey": "uid",
                "samlSPMetaDataOptionsSignSSOMessage": 1,
                "samlSPMetaDataOptionsCheckSSOMessageSignature": 1,
            }
        },
        "samlSPMetaDataExportedAttributes": {"us": {name: f"1;{name};;" for name in (*ATTRIBUTES, "cn", "mail")}},
    }


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

    def visitor(self) -> "Visitor":
        """A browser of its own."""
        stays = _StaysHere()
        return Visitor(stays, urllib.request.build_opener(urllib.request.HTTPCookieProcessor(_LocalCookies()), stays))

    def _logged_in(self, address: str, login: str) -> tuple[str, str]:
        visitor = self.visitor()
        visitor.page(address)
        form = urlencode({"user": login, "password": login, "url": "", "timezone": "2", "skin": "bootstrap"}).encode()
        page = visitor.page(address, form)
        return visitor.stays.left_for, page


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
        return None


@dataclass
class Visitor:
    """Somebody who goes there, and where else they were sent."""

    stays: _StaysHere
    opener: urllib.request.OpenerDirector

    def go(self, address: str) -> str:
        """Go there; where else it leads, if it does."""
        self.page(address)
        return self.stays.left_for

    def page(self, address: str, form: bytes | None = None) -> str:
        """The page there; none where it leads elsewhere."""
        self.stays.left_for = ""
        try:
            with self.opener.open(urllib.request.Request(address, data=form)) as answer:
                return str(answer.read().decode())
        except HTTPError:
            if not self.stays.left_for:
                raise
            return ""


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
def running_service(
    folder: Path, port: int, portal: Mapping[str, str], client: Mapping[str, str], *, plugin: bool = True
) -> Iterator[Lemonldap]:
    """One in `folder`, as a téléservice that knows families by the portal: its page of discovery, and its keys.

    `client` is what it was registered by; `plugin`, whether PKCE was added to it as docs/sso.md tells.
    """
    with started(folder, port, "service", _service(portal, client), PLUGIN if plugin else None):
        yield Lemonldap(f"http://localhost:{port}")


def _service(portal: Mapping[str, str], client: Mapping[str, str]) -> dict[str, object]:
    options = {
        "oidcOPMetaDataOptionsClientID": client["id"],
        "oidcOPMetaDataOptionsClientSecret": client["secret"],
        "oidcOPMetaDataOptionsScope": "openid profile enfants",
        "oidcOPMetaDataOptionsTokenEndpointAuthMethod": "client_secret_basic",
        "oidcOPMetaDataOptionsCheckJWTSignature": 1,
        "oidcOPMetaDataOptionsUseNonce": 1,
        "oidcOPMetaDataOptionsIDTokenMaxAge": 60,
    }
    return {
        "authentication": "OpenIDConnect",
        "userDB": "Same",
        "oidcRPCallbackGetParam": "openidconnectcallback",
        "oidcRPStateTimeout": 600,
        "oidcOPMetaDataJSON": {"portail": portal["discovery"]},
        "oidcOPMetaDataJWKS": {"portail": portal["keys"]},
        "oidcOPMetaDataOptions": {"portail": options},
        "oidcOPMetaDataExportedVars": {"portail": {"cn": "name", "sn": "family_name"}},
    }


@contextmanager
def started(
    folder: Path, port: int, cookie: str, settings: Mapping[str, object], plugin: Path | None = None
) -> Iterator[None]:
    """One of these settings, which answers."""
    if plugin is not None:
        settings = {**settings, "customPlugins": f"::Plugins::{plugin.stem}"}
    ini = write(folder, f"http://localhost:{port}", cookie, settings)
    environment = {**os.environ, FILES: str(ini)}
    if plugin is not None:
        place = folder / "perl" / "Lemonldap" / "NG" / "Portal" / "Plugins"
        place.mkdir(parents=True)
        shutil.copy(plugin, place)
        environment["PERL5LIB"] = str(folder / "perl")
    log = (folder / "log").open("wb")
    server = subprocess.Popen(command(port), env=environment, stdout=log, stderr=log, start_new_session=True)
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
