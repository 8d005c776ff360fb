"""LemonLDAP::NG, which French administrations run: Debian's package, unprivileged, with people of its own.

`dwho` directs a school, `rtyler` has a delegation of it, `msmith` has neither; each one's password is the name.
"""

import html
import json
import os
import re
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from shared.models.access.identity_providers import ProviderKind
from shared.sign_on.saml.party import new_key
from tests.patience import ended, wait_until
from tests.ports import free_port

PORTAL = Path("/usr/share/lemonldap-ng/portal/htdocs/index.psgi")
TEMPLATES = "/usr/share/lemonldap-ng/portal/templates"
CLIENT, SECRET = "teleservices", "un-secret-de-client"
ATTRIBUTES = ("FrEduRneResp", "FrEduFonctAdm", "FrEduResDel")


def is_installed() -> bool:
    """Whether its portal can be started here."""
    return PORTAL.exists() and shutil.which("plackup") is not None


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
    ini = _written(folder, f"http://localhost:{port}", uai, back, saml)
    command = ["plackup", "--host", "127.0.0.1", "--port", str(port), "-E", "deployment", str(PORTAL)]
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        command, env={**os.environ, "LLNG_DEFAULTCONFFILE": str(ini)}, stdout=log, stderr=log, start_new_session=True
    )
    try:
        wait_until(lambda: _answers(port, server), "LemonLDAP::NG answers")
        yield Lemonldap(f"http://localhost:{port}")
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


def _written(folder: Path, portal: str, uai: str, back: str, saml: str) -> Path:
    """Its settings, in files."""
    (folder / "conf").mkdir()
    settings = {
        "cfgNum": 1,
        "cfgAuthor": "tests",
        "cfgDate": 1,
        "portal": f"{portal}/",
        "domain": "localhost",
        "authentication": "Demo",
        "userDB": "Demo",
        "passwordDB": "Null",
        "registerDB": "Null",
        "demoExportedVars": {"cn": "cn", "mail": "mail", "uid": "uid"},
        "key": "une clé de test qui ne sert à rien d'autre",
        "securedCookie": 0,
        # Where it speaks SAML it would be None, which browsers keep over https only.
        "sameSite": "Lax",
        "requireToken": 0,
        "localSessionStorage": "",
        "portalDisplayResetPassword": 0,
        "portalDisplayRegister": 0,
        "captcha_mail_enabled": 0,
        "captcha_register_enabled": 0,
        "whatToTrace": "uid",
        "locationRules": {"localhost": {"default": "accept"}},
        "exportedHeaders": {},
        "macros": _macros(uai),
        **_stores(folder),
        **_openid_connect(portal, back),
        **(_saml(saml) if saml else {}),
        "issuerDBCASActivation": 1,
        "issuerDBCASRule": 1,
        "issuerDBCASPath": "^/cas/",
        "casAttr": "uid",
        "casAccessControlPolicy": "none",
        "casAttributes": {name: name for name in (*ATTRIBUTES, "cn")},
    }
    (folder / "conf" / "lmConf-1.json").write_text(json.dumps(settings))
    ini = folder / "lemonldap-ng.ini"
    ini.write_text(
        f"[all]\nlogLevel=warn\n[configuration]\ntype=File\ndirName={folder}/conf\n"
        f"[portal]\nstaticPrefix=/static\ntemplateDir={TEMPLATES}\nlanguages=fr\n[handler]\n"
    )
    return ini


def _macros(uai: str) -> dict[str, str]:
    """What its people are: a `$` would be read as a variable, so it is written by its number."""
    charge = f"join(chr(36), '{uai}', 'UAJ', 'PU', 'N', 'T3', 'CLG', '340')"
    delegation = ", ".join(
        [
            "'teleservices'",
            "'/x'",
            "'01/09/2020'",
            "'31/12/9999'",
            "'chef'",
            f"'FrEduRneResp=' . {charge}",
            "'s'",
            "'m'",
        ]
    )
    return {
        "FrEduRneResp": f"$uid eq 'dwho' ? {charge} : 'X'",
        "FrEduFonctAdm": "$uid eq 'dwho' ? 'DIR' : 'ENS'",
        "FrEduResDel": f"$uid eq 'rtyler' ? join('|', {delegation}) : 'X'",
    }


def _stores(folder: Path) -> dict[str, object]:
    stores: dict[str, object] = {}
    for name in ("global", "persistent", "oidc", "cas"):
        (folder / name / "lock").mkdir(parents=True)
        stores[f"{name}Storage"] = "Apache::Session::File"
        stores[f"{name}StorageOptions"] = {
            "Directory": str(folder / name),
            "LockDirectory": str(folder / name / "lock"),
            "generateModule": "Lemonldap::NG::Common::Apache::Session::Generate::SHA256",
        }
    return stores


def _saml(metadata: str) -> dict[str, object]:
    """As an identity provider of one service, whose questions must be signed."""
    key, certificate = new_key(datetime.now(UTC)).split("-----BEGIN CERTIFICATE-----")
    return {
        "issuerDBSAMLActivation": 1,
        "issuerDBSAMLRule": 1,
        "issuerDBSAMLPath": "^/saml/",
        "samlServicePrivateKeySig": key,
        "samlServicePublicKeySig": f"-----BEGIN CERTIFICATE-----{certificate}",
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


def _openid_connect(portal: str, back: str) -> dict[str, object]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    paths = {"Authorize": "authorize", "Token": "token", "UserInfo": "userinfo", "JWKS": "jwks", "EndSession": "logout"}
    return {
        "issuerDBOpenIDConnectActivation": 1,
        "issuerDBOpenIDConnectRule": 1,
        "issuerDBOpenIDConnectPath": "^/oauth2/",
        "oidcServiceMetaDataIssuer": portal,
        **{f"oidcServiceMetaData{name}URI": path for name, path in paths.items()},
        "oidcServicePrivateKeySig": private.decode(),
        "oidcServicePublicKeySig": public.decode(),
        "oidcServiceKeyIdSig": "un",
        "oidcServiceAllowAuthorizationCodeFlow": 1,
        "oidcRPMetaDataOptions": {
            "us": {
                "oidcRPMetaDataOptionsClientID": CLIENT,
                "oidcRPMetaDataOptionsClientSecret": SECRET,
                "oidcRPMetaDataOptionsRedirectUris": back,
                "oidcRPMetaDataOptionsPostLogoutRedirectUris": back.replace("par/retour", ""),
                "oidcRPMetaDataOptionsLogoutBypassConfirm": 1,
                "oidcRPMetaDataOptionsIDTokenSignAlg": "RS256",
                "oidcRPMetaDataOptionsRequirePKCE": 1,
                "oidcRPMetaDataOptionsBypassConsent": 1,
                "oidcRPMetaDataOptionsUserIDAttr": "uid",
            }
        },
        "oidcRPMetaDataOptionsExtraClaims": {"us": {"fredu": " ".join(ATTRIBUTES)}},
        "oidcRPMetaDataExportedVars": {
            "us": {name: name for name in ATTRIBUTES} | {"email": "mail", "family_name": "cn"}
        },
    }
