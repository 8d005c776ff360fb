"""A téléservice asks to end the session of the portal (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.rpinitiated import EndSessionEndpoint
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.provider.keys import ALGORITHM, key_set
from shared.provider.logins import is_of_browser
from shared.provider.refusals import Refusal, Refused
from shared.provider.server import PortalServer
from shared.provider.speaking import At, Heard

LONGEST = 10_000
"""Characters of a token: ours have one."""


class Ending:
    """What is asked: where to go afterwards, if that is one of the addresses of the téléservice, and whose session."""

    def __init__(self, at: At, heard: Heard) -> None:
        """Read what is asked.

        Raises:
            Refused: a token that is none of ours, or another téléservice's; nothing ends, and nobody is sent anywhere.
        """
        self._at = at
        server = PortalServer(at)
        server.register_endpoint(_EndSession)
        try:
            asked = server.validate_endpoint_request("end_session", heard)
        except (OAuth2Error, ValueError, TypeError, KeyError) as error:
            raise Refused(Refusal.NOT_UNDERSTOOD, f"logout: {type(error).__name__}") from None
        self.back_to: str | None = asked.redirect_uri
        self._claims: Mapping[str, Any] = asked.id_token_claims or {}

    def is_sure(self, token: str) -> bool:
        """Whether the browser that holds `token` is the one that the téléservice speaks of: nobody is asked."""
        sid = self._claims.get("sid")
        return isinstance(sid, str) and is_of_browser(self._at.session, sid, token)


class _EndSession(EndSessionEndpoint):
    server: PortalServer

    def get_server_jwks(self) -> KeySet:
        return key_set(self.server.at.session, self.server.at.now)

    def _validate_id_token_hint(self, id_token_hint: str) -> dict[str, Any]:
        if len(id_token_hint) > LONGEST:
            raise InvalidRequestError("A token that is too long.")
        try:
            claims: dict[str, Any] = jwt.decode(id_token_hint, self.get_server_jwks(), [ALGORITHM]).claims
        except JoseError:
            raise InvalidRequestError("A token that is none of ours.") from None
        # An ID token that is over is one all the same; a logout token, signed by the same key, is none.
        if claims.get("iss") != self.server.at.issuer or "events" in claims:
            raise InvalidRequestError("A token that is none of ours.")
        return claims
