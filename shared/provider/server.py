"""OpenID Connect, as the provider. Authlib speaks the protocol; what it leaves open is shut here.

PKCE by S256 always; addresses compared sign by sign; the whole scope or nothing; a code that is used even if what
comes with it is wrong; an issuer in each token; an answer to whatever is sent.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from authlib.oauth2 import AuthorizationServer, OAuth2Error
from authlib.oauth2.rfc6749 import (
    AuthorizationCodeMixin,
    ClientMixin,
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import RSAKey

from shared.models.access.openid import OpenidClient
from shared.proofs.secrets import drawn, is_same
from shared.provider.claims import data_asked, scope_of, subject
from shared.provider.doors import children_there, find_client
from shared.provider.keys import ALGORITHM, SigningKey
from shared.provider.passes import TOKEN_LASTS, Held, give_token, use_code
from shared.provider.speaking import AskedRequest, At, Heard, Reply

ID_TOKEN_SECONDS = 300
STRENGTHS = {"pwd": "loa-1", "pop": "loa-2"}
"""What `acr` calls a login, by what `amr` calls it: something known, or a device held and unlocked."""
SOMEBODY = object()
"""Who asks is looked at later (`shared.provider.asking`): Authlib would answer before we know how."""
LONGEST_NAME = 100
LONGEST_STATE = 2000
LONGEST_NONCE = 500
NOT_SUPPORTED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


class Client(ClientMixin):
    """A téléservice as Authlib asks it."""

    def __init__(self, row: OpenidClient, at: At) -> None:
        self.row = row
        self._at = at

    def get_client_id(self) -> str:
        """Its public name."""
        return self.row.client_id

    def get_default_redirect_uri(self) -> None:
        """None: OpenID Connect has it said each time."""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it is one of those registered, sign by sign."""
        return redirect_uri in self.row.return_addresses

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether it is the present secret, or the former one while it serves."""
        until = self.row.former_secret_until
        former = self.row.former_secret_hash if until is not None and until > self._at.now else None
        return is_same(client_secret, self.row.secret_hash) | is_same(client_secret, former)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether it proves itself so: by its secret, always."""
        return endpoint == "token" and method in {"client_secret_basic", "client_secret_post"}

    def check_response_type(self, response_type: str) -> bool:
        """Whether it asks for a code."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it exchanges one; there is no refresh token."""
        return grant_type == "authorization_code"

    def get_allowed_scope(self, scope: str) -> str | None:
        """The whole of `scope`, or nothing: what is refused is told, not left out."""
        data = data_asked(self.row, scope or "")
        return None if data is None else scope_of(data)

    @property
    def client_metadata(self) -> dict[str, Any]:
        """Where it wants browsers back after a logout."""
        return {"post_logout_redirect_uris": self.row.after_logout_addresses}


class _Code(AuthorizationCodeMixin):
    """A code as Authlib asks it."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.code_challenge = held.entry.challenge
        self.code_challenge_method = "S256"

    def get_redirect_uri(self) -> str:
        return self.held.entry.return_address

    def get_scope(self) -> str:
        return scope_of(self.held.data)

    def get_nonce(self) -> str | None:
        return self.held.entry.nonce

    def get_auth_time(self) -> int:
        return int(self.held.entry.proved_at.timestamp())

    def get_acr(self) -> str:
        return STRENGTHS[self.held.entry.way]

    def get_amr(self) -> list[str]:
        return [self.held.entry.way]


class _CodeGrant(AuthorizationCodeGrant):
    server: "PortalServer"

    def query_authorization_code(self, code: str, client: Client) -> _Code | None:
        held = use_code(self.server.at.session, client.row, code, self.server.at.now)
        return None if held is None else _Code(held)

    def authenticate_user(self, authorization_code: _Code) -> Held:
        held, at = authorization_code.held, self.server.at
        if not children_there(at.session, held.client, held.account, at.today):
            raise InvalidGrantError("No establishment of this account opens this service.")
        return held

    def delete_authorization_code(self, authorization_code: _Code) -> None:
        """It was used when it was read."""


class _S256(CodeChallenge):
    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: AuthorizationCodeGrant, redirect_uri: str) -> None:
        """Refuse a request without PKCE, or by something else than S256, which is `plain` where it says nothing."""
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE is required, with code_challenge_method=S256.")
        super().validate_code_challenge(grant, redirect_uri)


class _IdToken(OpenIDCode):
    def __init__(self, at: At) -> None:
        super().__init__()
        self._at = at

    @cached_property
    def _key(self) -> SigningKey:
        return self._at.keyring.signing(self._at.session, self._at.sealer, self._at.now)

    def exists_nonce(self, nonce: str, request: AskedRequest) -> bool:
        # The same question comes again when its holder had to log in meanwhile.
        return False

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return self._key.private

    def get_client_algorithm(self, client: Client) -> str:
        return ALGORITHM

    def get_encode_header(self, client: Client) -> dict[str, str]:
        return {"alg": ALGORITHM, "kid": self._key.name, "typ": "JWT"}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        said_at = int(self._at.now.timestamp())
        return {
            "iss": self._at.issuer,
            "aud": client.get_client_id(),
            "iat": said_at,
            "exp": said_at + ID_TOKEN_SECONDS,
        }

    def generate_user_info(self, user: Held, scope: str) -> dict[str, str]:
        return {"sub": subject(user.client, user.account, self._at.sealer), "sid": user.login.sid}


class PortalServer(AuthorizationServer):
    """The portal as a provider, for one request."""

    def __init__(self, at: At) -> None:
        super().__init__()
        self.at = at
        self.register_token_generator("default", _token)
        self.register_grant(_CodeGrant, [_S256(required=True), _IdToken(at)])

    def query_client(self, client_id: str) -> Client | None:
        """The téléservice of this name, if the académie opened it."""
        if not client_id or len(client_id) > LONGEST_NAME:
            return None
        row = find_client(self.at.session, client_id)
        return None if row is None else Client(row, self.at)

    def save_token(self, token: Mapping[str, str], request: AskedRequest) -> None:
        """Keep what `token` opens."""
        give_token(self.at.session, request.user, token["access_token"], self.at.now)

    def create_oauth2_request(self, request: Heard) -> AskedRequest:
        """As Authlib reads it."""
        return AskedRequest(request)

    def handle_response(self, status: int, body: Mapping[str, Any] | str, headers: list[tuple[str, str]]) -> Reply:
        """As the edge sends it."""
        return Reply(status, body, dict(headers))

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def exchange(self, heard: Heard) -> Reply:
        """The answer of the token endpoint. The caller commits whatever it is: a code that was tried is used."""
        repeated = [name for name, values in heard.fields.items() if len(values) > 1]
        try:
            if repeated:
                raise InvalidRequestError("A field is there twice.")
            reply: Reply = self.create_token_response(heard)
        except OAuth2Error as error:
            reply = self.handle_error_response(None, error)
        except ValueError:
            # Names and secrets that are no text, or a description that no error may carry.
            reply = self.handle_error_response(None, InvalidClientError(status_code=401))
        return reply

    def grant_asked(self, heard: Heard) -> AuthorizationCodeGrant:
        """What is asked at the authorization endpoint, once its client, address, scope and PKCE are what they must be.

        Raises:
            OAuth2Error: they are not; with the address to go back to where it is one of the client's.
        """
        try:
            grant = self.get_consent_grant(heard, end_user=SOMEBODY)
        except ValueError:
            # Authlib describes an error with what was sent, which no description may hold.
            raise InvalidRequestError("A field holds what cannot be.") from None
        back, asked = grant.redirect_uri, grant.request.payload.data
        state = asked.get("state")
        for name, error in NOT_SUPPORTED.items():
            if name in asked:
                raise OAuth2Error(error=error, redirect_uri=back, state=state)
        repeated = any(len(values) > 1 for values in grant.request.payload.datalist.values())
        too_long = len(state or "") > LONGEST_STATE or len(asked.get("nonce", "")) > LONGEST_NONCE
        if repeated or too_long or asked.get("response_mode", "query") != "query":
            raise InvalidRequestError("A field is there twice, too long or unknown.", redirect_uri=back, state=state)
        return grant


def _token(
    grant_type: str, client: Client, user: Held, scope: str, expires_in: int | None, include_refresh_token: bool
) -> dict[str, Any]:
    """Opaque, short, and none to renew it with."""
    seconds = int(TOKEN_LASTS.total_seconds())
    return {"token_type": "Bearer", "access_token": drawn(), "expires_in": seconds, "scope": scope}
