"""LemonLDAP::NG as French administrations run it: Debian's package, unprivileged, in files of its own.

The demonstration starts it, and so do the tests: as the portal of an académie by which staff come in, and as an ENT
that knows families by the portal of parents. Its people are invented: `dwho` directs a school, `rtyler` has a
delegation of it, `msmith` has neither; each one's password is the name.
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PORTAL = Path("/usr/share/lemonldap-ng/portal/htdocs/index.psgi")
_WITH_ITS_FILES = "; ".join(
    f'enable "Static", path => qr{{^/{folder}/}}, root => "{root}"'
    for folder, root in (("static", PORTAL.parent), ("javascript", "/usr/share"))
)
"""Styles, pictures and translations, which a web server in front would give."""
TEMPLATES = "/usr/share/lemonldap-ng/portal/templates"
PACKAGES = (
    "liblemonldap-ng-portal-perl libplack-perl libio-string-perl libxml-simple-perl libgd-securityimage-perl "
    "libimage-magick-perl libcrypt-openssl-rsa-perl libcrypt-openssl-x509-perl liblasso-perl"
)
INI = "lemonldap-ng.ini"
FILES = "LLNG_DEFAULTCONFFILE"
"""The variable of its environment that names its settings."""
ATTRIBUTES = ("FrEduRneResp", "FrEduFonctAdm", "FrEduResDel")
VECTOR = "FrEduVecteur"

Settings = Mapping[str, object]


def is_installed() -> bool:
    """Whether its portal can be started here."""
    return PORTAL.exists() and shutil.which("plackup") is not None


def command(port: int) -> list[str]:
    """What starts one, in an environment that names its settings."""
    where = ["--host", "127.0.0.1", "--port", str(port), "-E", "deployment"]
    return ["plackup", *where, "-e", _WITH_ITS_FILES, str(PORTAL)]


def run(port: int, folder: Path) -> int:
    """Run one with the settings of `folder` until it ends, or until this process is told to."""
    environment = {**os.environ, FILES: str(folder / INI)}
    with subprocess.Popen(command(port), env=environment) as server:  # noqa: S603 - our own arguments, and no shell
        signal.signal(signal.SIGTERM, lambda _signal, _frame: server.terminate())
        return server.wait()


def write(folder: Path, address: str, cookie: str, settings: Settings) -> Path:
    """Write its settings, and the common ones, in `folder`; returns the file that its environment names."""
    (folder / "conf").mkdir(parents=True)
    whole = {**_common(folder, address, cookie), **settings}
    (folder / "conf" / "lmConf-1.json").write_text(json.dumps(whole))
    ini = folder / INI
    ini.write_text(
        f"[all]\nlogLevel=warn\n[configuration]\ntype=File\ndirName={folder}/conf\n"
        f"[portal]\nstaticPrefix=/static\ntemplateDir={TEMPLATES}\nlanguages=fr\n[handler]\n"
    )
    return ini


def _common(folder: Path, address: str, cookie: str) -> dict[str, object]:
    return {
        "cfgNum": 1,
        "cfgAuthor": "teleservices",
        "cfgDate": 1,
        "portal": f"{address}/",
        "domain": "localhost",
        # Several of them answer on this machine, and browsers do not tell ports apart.
        "cookieName": cookie,
        "passwordDB": "Null",
        "registerDB": "Null",
        "key": f"une clé de démonstration qui ne sert à rien d'autre, {cookie}",
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
        **_stores(folder),
    }


def _stores(folder: Path) -> dict[str, object]:
    stores: dict[str, object] = {}
    for name in ("global", "persistent", "oidc", "cas", "saml"):
        (folder / name / "lock").mkdir(parents=True)
        stores[f"{name}Storage"] = "Apache::Session::File"
        stores[f"{name}StorageOptions"] = {
            "Directory": str(folder / name),
            "LockDirectory": str(folder / name / "lock"),
            "generateModule": "Lemonldap::NG::Common::Apache::Session::Generate::SHA256",
        }
    return stores


def people(uai: str) -> Settings:
    """Its own people, who work in `uai`."""
    return {
        "authentication": "Demo",
        "userDB": "Demo",
        "demoExportedVars": {"cn": "cn", "mail": "mail", "uid": "uid"},
        "macros": _macros(uai),
    }


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


def openid_for_staff(portal: str, back: str, client: str, secret: str) -> Settings:
    """As an OpenID provider of one client, which it sends browsers back to `back`."""
    paths = {"Authorize": "authorize", "Token": "token", "UserInfo": "userinfo", "JWKS": "jwks", "EndSession": "logout"}
    return {
        "issuerDBOpenIDConnectActivation": 1,
        "issuerDBOpenIDConnectRule": 1,
        "issuerDBOpenIDConnectPath": "^/oauth2/",
        "oidcServiceMetaDataIssuer": portal,
        **{f"oidcServiceMetaData{name}URI": path for name, path in paths.items()},
        **_new_signing_key(),
        "oidcServiceAllowAuthorizationCodeFlow": 1,
        "oidcRPMetaDataOptions": {
            "us": {
                "oidcRPMetaDataOptionsClientID": client,
                "oidcRPMetaDataOptionsClientSecret": secret,
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


def _new_signing_key() -> Settings:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {
        "oidcServicePrivateKeySig": private.decode(),
        "oidcServicePublicKeySig": public.decode(),
        "oidcServiceKeyIdSig": "un",
    }


def ent(metadata: str, key: str) -> Settings:
    """As an ENT: a SAML service provider of the portal of these `metadata`. It shows the vectors that it reads."""
    options: dict[str, Any] = {
        "samlIDPMetaDataOptionsNameIDFormat": "persistent",
        "samlIDPMetaDataOptionsSSOBinding": "redirect",
        "samlIDPMetaDataOptionsSLOBinding": "redirect",
        "samlIDPMetaDataOptionsSignSSOMessage": 1,
        "samlIDPMetaDataOptionsSignSLOMessage": 1,
        "samlIDPMetaDataOptionsCheckSSOMessageSignature": 1,
        "samlIDPMetaDataOptionsCheckSLOMessageSignature": 1,
        "samlIDPMetaDataOptionsCheckTime": 1,
        "samlIDPMetaDataOptionsCheckAudience": 1,
        "samlIDPMetaDataOptionsForceUTF8": 1,
        "samlIDPMetaDataOptionsAdaptSessionUtime": 0,
    }
    return {
        "authentication": "SAML",
        "userDB": "Same",
        **own_key(key),
        "samlIDPMetaDataXML": {"portail": {"samlIDPMetaDataXML": metadata}},
        "samlIDPMetaDataOptions": {"portail": options},
        "samlIDPMetaDataExportedAttributes": {"portail": {VECTOR: f"1;{VECTOR};;"}},
        "whatToTrace": "_user",
        "portalUserAttribute": VECTOR,
        "portalUserAttr": VECTOR,
    }


def own_key(key: str) -> dict[str, object]:
    """What it signs with: a private key, then its certificate, as PEM."""
    private, certificate = key.split("-----BEGIN CERTIFICATE-----")
    return {
        "samlServicePrivateKeySig": private,
        "samlServicePublicKeySig": f"-----BEGIN CERTIFICATE-----{certificate}",
        "samlServiceSignatureMethod": "RSA_SHA256",
    }
