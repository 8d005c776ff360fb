"""What an OpenID Connect provider says of itself, and its keys: read once in a while, not at each login."""

from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.sign_on.asking.addresses import is_safe
from shared.sign_on.cache import SECONDS_BETWEEN_READINGS, Kept
from shared.sign_on.refusals import Refusal, SignOnRefused

WELL_KNOWN = "/.well-known/openid-configuration"
MOST_KEYS = 50


@dataclass(frozen=True)
class Metadata:
    """The addresses of a provider."""

    issuer: str
    authorization: str
    token: str
    jwks: str
    userinfo: str | None
    end_session: str | None
    says_issuer: bool
    """Whether what comes back says whose it is (RFC 9207)."""
    takes_basic: bool
    """Whether a client proves itself by a header; else in the body of its request."""


@dataclass
class _Read:
    metadata: Metadata
    keys: KeySet


@dataclass
class Discovery:
    """The providers of one process; `forget` has one read anew."""

    _known: Kept[str, _Read] = field(default_factory=Kept)

    def metadata(self, issuer: str) -> Metadata:
        """What `issuer` says of itself.

        Raises:
            SignOnRefused: it does not answer, or says it is somebody else.
        """
        return self._read(issuer).metadata

    def keys(self, issuer: str, *, anew: bool = False) -> KeySet:
        """The keys it signs with; `anew` where a signature is by none of those known."""
        if anew and self._known.is_older_than(issuer, SECONDS_BETWEEN_READINGS):
            self.forget(issuer)
        return self._read(issuer).keys

    def forget(self, issuer: str) -> None:
        """Read it anew the next time."""
        self._known.forget(lambda known: known == issuer)

    def _read(self, issuer: str) -> _Read:
        return self._known.get(issuer, lambda: _what_it_says(issuer))


def _what_it_says(issuer: str) -> _Read:
    # Loaded where a provider is asked.
    from shared.sign_on.asking.web import read_json

    metadata = _metadata(issuer, read_json(issuer.rstrip("/") + WELL_KNOWN))
    return _Read(metadata, _keys(read_json(metadata.jwks)))


def _metadata(issuer: str, said: dict[str, Any]) -> Metadata:
    if said.get("issuer") != issuer:
        raise SignOnRefused(Refusal.UNAVAILABLE, "its metadata name another issuer")
    addresses = {name: said.get(f"{name}_endpoint") for name in ("authorization", "token", "userinfo", "end_session")}
    for name in ("authorization", "token"):
        if not _may_name(issuer, addresses[name]):
            raise SignOnRefused(Refusal.UNAVAILABLE, f"its metadata have no safe {name}_endpoint")
    if not _may_name(issuer, said.get("jwks_uri")):
        raise SignOnRefused(Refusal.UNAVAILABLE, "its metadata have no safe jwks_uri")
    methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Metadata(
        issuer=issuer,
        authorization=str(addresses["authorization"]),
        token=str(addresses["token"]),
        jwks=str(said["jwks_uri"]),
        userinfo=addresses["userinfo"] if _may_name(issuer, addresses["userinfo"]) else None,
        end_session=addresses["end_session"] if _may_name(issuer, addresses["end_session"]) else None,
        says_issuer=said.get("authorization_response_iss_parameter_supported") is True,
        takes_basic="client_secret_basic" in methods,
    )


def _may_name(issuer: str, address: object) -> bool:
    """Whether a provider may have us ask at `address`: what listens on this machine is named by nobody elsewhere."""
    return is_safe(address) and (str(address).startswith("https:") or issuer.startswith("http:"))


def _keys(said: dict[str, Any]) -> KeySet:
    """The public keys to verify with: a secret one among them, or one for something else, is none."""
    listed = said.get("keys")
    usable = [
        key
        for key in (listed if isinstance(listed, list) else [])[:MOST_KEYS]
        if isinstance(key, dict) and key.get("kty") in {"RSA", "EC", "OKP"} and key.get("use", "sig") == "sig"
    ]
    try:
        return KeySet.import_key_set({"keys": usable})
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise SignOnRefused(Refusal.UNAVAILABLE, f"its keys: {type(error).__name__}") from None
