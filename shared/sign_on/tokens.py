"""What a provider signed: read only when it is by one of its keys, for us, and of now."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError

from shared.sign_on.discovery import Discovery
from shared.sign_on.refusals import Refusal, SignOnRefused

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Signatures with a public key only: `none` signs nothing, and a shared secret is not the provider's own."""
LONGEST = 100_000
"""Characters of a token."""
LONGEST_NAME = 255
LEEWAY = 60
"""Seconds that two clocks may differ by."""
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


def signed_claims(discovery: Discovery, issuer: str, client_id: str, token: object, now: datetime) -> dict[str, Any]:
    """The claims of a token that `issuer` signed for `client_id`, in force at `now`.

    Raises:
        SignOnRefused: anything else.
    """
    if not isinstance(token, str) or len(token) > LONGEST:
        raise SignOnRefused(Refusal.INVALID, "no token, or one that is too long")
    claims = _verified(discovery, issuer, token)
    if claims.get("iss") != issuer:
        raise SignOnRefused(Refusal.INVALID, "iss")
    _require_audience(claims, client_id)
    _require_now(claims, int(now.timestamp()))
    return claims


def require_login(claims: Mapping[str, Any], nonce: str) -> None:
    """Refuse an ID token that answers another question, or has no subject.

    Raises:
        SignOnRefused: so it is.
    """
    if not nonce or claims.get("nonce") != nonce:
        raise SignOnRefused(Refusal.INVALID, "nonce")
    if "exp" not in claims or "iat" not in claims:
        raise SignOnRefused(Refusal.INVALID, "no time")
    subject_of(claims)


def require_logout(claims: Mapping[str, Any]) -> None:
    """Refuse what is no logout token (OpenID Connect Back-Channel Logout 1.0, 2.6).

    Raises:
        SignOnRefused: so it is.
    """
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT), dict):
        raise SignOnRefused(Refusal.INVALID, "events")
    if "nonce" in claims:
        raise SignOnRefused(Refusal.INVALID, "a nonce in a logout token")
    _require_name(claims, "jti")
    if "iat" not in claims:
        raise SignOnRefused(Refusal.INVALID, "iat")
    if "sub" not in claims and "sid" not in claims:
        raise SignOnRefused(Refusal.INVALID, "sub or sid")
    for name in {"sub", "sid"} & claims.keys():
        _require_name(claims, name)


def subject_of(claims: Mapping[str, Any]) -> str:
    """Who the claims are of.

    Raises:
        SignOnRefused: nobody.
    """
    return _require_name(claims, "sub")


def _require_name(claims: Mapping[str, Any], claim: str) -> str:
    """What a provider calls somebody, or a session: short, and without signs that a database refuses."""
    name = claims.get(claim)
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise SignOnRefused(Refusal.INVALID, claim)
    return name


def _verified(discovery: Discovery, issuer: str, token: str) -> dict[str, Any]:
    try:
        try:
            return jwt.decode(token, discovery.keys(issuer), algorithms=ALGORITHMS).claims
        except (InvalidKeyIdError, ValueError):
            # The keys may have been changed since they were read.
            return jwt.decode(token, discovery.keys(issuer, anew=True), algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise SignOnRefused(Refusal.INVALID, f"signature: {type(error).__name__}") from None


def _require_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    listed = audience if isinstance(audience, list) else [audience]
    if client_id not in listed:
        raise SignOnRefused(Refusal.INVALID, "aud")
    if (len(listed) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise SignOnRefused(Refusal.INVALID, "azp")


def _require_now(claims: Mapping[str, Any], now: int) -> None:
    times: dict[str, float] = {}
    for name in ("exp", "iat", "nbf"):
        value = claims.get(name, 0 if name != "exp" else now)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise SignOnRefused(Refusal.INVALID, name)
        times[name] = value
    if times["exp"] <= now - LEEWAY:
        raise SignOnRefused(Refusal.INVALID, "expired")
    if max(times["iat"], times["nbf"]) > now + LEEWAY:
        raise SignOnRefused(Refusal.INVALID, "from the future")
