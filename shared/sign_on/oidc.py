"""OpenID Connect, as a client: a browser is sent to a provider with a question, and comes back with a code for us.

Authlib speaks the protocol; what it leaves to its user is here: our own state and nonce, PKCE always, the issuer that
answers, the time, the audience, and a userinfo that may be signed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError

from shared.proofs.secrets import drawn
from shared.sign_on.attempts import Answered, Question
from shared.sign_on.attributes import Attributes
from shared.sign_on.discovery import Discovery, Metadata
from shared.sign_on.refusals import Refusal, SignOnRefused
from shared.sign_on.said import Said
from shared.sign_on.tokens import LONGEST, require_login, signed_claims, subject_of

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session

DEFAULT_SCOPE = "openid profile email"


@dataclass(frozen=True)
class Client:
    """What we are for one provider."""

    issuer: str
    client_id: str
    secret: str | None
    redirect_uri: str
    scope: str = DEFAULT_SCOPE


def way_there(client: Client, discovery: Discovery, question: Question, *, again: bool = False) -> str:
    """Where to send a browser; `again` has the person log in there, even who is logged in already.

    Raises:
        SignOnRefused: the provider does not answer.
    """
    metadata = discovery.metadata(client.issuer)
    with _session(client, metadata) as session:
        extra = {"prompt": "login"} if again else {}
        address, _state = session.create_authorization_url(
            metadata.authorization,
            state=question.state,
            nonce=question.nonce,
            code_verifier=question.verifier,
            **extra,
        )
    return str(address)


def said_by(client: Client, discovery: Discovery, back: Mapping[str, str], answered: Answered, now: datetime) -> Said:
    """What the provider says of whoever came back with `back`, the parameters of the address.

    Raises:
        SignOnRefused: it refused, does not answer, or says something else than what was asked.
    """
    metadata = discovery.metadata(client.issuer)
    _require_its_own_answer(back, metadata)
    tokens = _exchange(client, metadata, back["code"], answered.verifier)
    id_token = tokens.get("id_token")
    claims = signed_claims(discovery, client.issuer, client.client_id, id_token, now)
    require_login(claims, answered.nonce)
    more = _userinfo(client, discovery, metadata, tokens, now)
    if more and subject_of(more) != subject_of(claims):
        raise SignOnRefused(Refusal.INVALID, "userinfo of somebody else")
    return Said(
        subject=subject_of(claims),
        attributes=Attributes.of({**claims, **more}),
        strengths=_strengths(claims),
        session=_short(claims.get("sid")),
        id_token=str(id_token),
    )


def way_out(client: Client, discovery: Discovery, id_token: str, back_to: str) -> str | None:
    """Where a browser ends its session at the provider as well; none where there is no such place.

    Raises:
        SignOnRefused: the provider does not answer.
    """
    end = discovery.metadata(client.issuer).end_session
    if end is None:
        return None
    hint = {"id_token_hint": id_token} if id_token else {}
    asked = {**hint, "client_id": client.client_id, "post_logout_redirect_uri": back_to, "state": drawn()}
    return f"{end}{'&' if '?' in end else '?'}{urlencode(asked)}"


def _require_its_own_answer(back: Mapping[str, str], metadata: Metadata) -> None:
    said = back.get("iss")
    if said != metadata.issuer and (said is not None or metadata.says_issuer):
        raise SignOnRefused(Refusal.INVALID, "another issuer answers")
    if "error" in back:
        raise SignOnRefused(Refusal.DECLINED, "error")
    if not 0 < len(back.get("code", "")) <= LONGEST:
        raise SignOnRefused(Refusal.INVALID, "no code")


def _session(client: Client, metadata: Metadata) -> "OAuth2Session":
    method = (
        "none" if client.secret is None else "client_secret_basic" if metadata.takes_basic else "client_secret_post"
    )
    # Loaded where somebody comes by OpenID Connect.
    from authlib.integrations.requests_client import OAuth2Session

    from shared.sign_on.asking.web import bound

    session = OAuth2Session(
        client.client_id,
        client.secret,
        token_endpoint_auth_method=method,
        scope=client.scope,
        redirect_uri=client.redirect_uri,
        code_challenge_method="S256",
    )
    bound(session)
    return session


def _exchange(client: Client, metadata: Metadata, code: str, verifier: str) -> Mapping[str, Any]:
    try:
        with _session(client, metadata) as session:
            tokens = session.fetch_token(
                metadata.token, grant_type="authorization_code", code=code, code_verifier=verifier
            )
    except AuthlibBaseError as error:
        raise SignOnRefused(Refusal.INVALID, f"token endpoint: {_short(error.error)}") from None
    # What requests raises is an OSError.
    except (OSError, ValueError, TypeError) as error:
        raise SignOnRefused(Refusal.UNAVAILABLE, f"token endpoint: {type(error).__name__}") from None
    if not isinstance(tokens, dict):
        raise SignOnRefused(Refusal.INVALID, "token endpoint: no object")
    return tokens


def _userinfo(
    client: Client, discovery: Discovery, metadata: Metadata, tokens: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """What the provider tells beside the ID token: JSON, or a token signed for us (ProConnect)."""
    if metadata.userinfo is None or not isinstance(tokens.get("access_token"), str):
        return {}
    try:
        with _session(client, metadata) as session:
            headers = {"Authorization": f"Bearer {tokens['access_token']}"}
            answer = session.get(metadata.userinfo, withhold_token=True, headers=headers, allow_redirects=False)
        answer.raise_for_status()
        if answer.headers.get("Content-Type", "").partition(";")[0].strip() == "application/jwt":
            return signed_claims(discovery, client.issuer, client.client_id, answer.text, now)
        said = answer.json()
    except (OSError, AuthlibBaseError, ValueError) as error:
        raise SignOnRefused(Refusal.UNAVAILABLE, f"userinfo: {type(error).__name__}") from None
    if not isinstance(said, dict):
        raise SignOnRefused(Refusal.INVALID, "userinfo: no object")
    return said


def _strengths(claims: Mapping[str, Any]) -> frozenset[str]:
    ways = claims.get("amr")
    listed = [claims.get("acr"), *(ways if isinstance(ways, list) else [])]
    return frozenset(way for way in listed if isinstance(way, str))


def _short(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= 255 and value.isprintable() else ""
