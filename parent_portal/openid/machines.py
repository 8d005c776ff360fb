"""What téléservices read and ask by themselves: our addresses and keys, a token for a code, who a token is of."""

import logging

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from parent_portal.installation import installation, let_go, network_address
from parent_portal.openid.waiting import sent_in_body
from parent_portal.provider import portal_at
from shared.provider.claims import SCOPES, TOLD, told
from shared.provider.doors import children_there
from shared.provider.keys import ALGORITHM, key_set
from shared.provider.passes import opened_by
from shared.provider.server import STRENGTHS, PortalServer

bp = Blueprint("openid", __name__)
_log = logging.getLogger(__name__)

SECONDS_KEPT = 600
"""How long others may keep our addresses and keys: far less than a key is published before it signs."""
CLAIMS_OF_TOKENS = ("iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "amr", "sid")


@bp.get("/.well-known/openid-configuration")
def configuration() -> Response:
    """Where everything is (OpenID Connect Discovery 1.0)."""
    issuer = installation().settings.public_portal_url
    said = jsonify(
        issuer=issuer,
        authorization_endpoint=_public("authorization.ask"),
        token_endpoint=_public("openid.token"),
        userinfo_endpoint=_public("openid.person"),
        jwks_uri=_public("openid.keys"),
        end_session_endpoint=_public("logout_asked.ask"),
        scopes_supported=list(SCOPES),
        claims_supported=[*CLAIMS_OF_TOKENS, *(name for names in TOLD.values() for name in names)],
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=["authorization_code"],
        acr_values_supported=sorted(STRENGTHS.values()),
        subject_types_supported=["pairwise"],
        id_token_signing_alg_values_supported=[ALGORITHM],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
        code_challenge_methods_supported=["S256"],
        prompt_values_supported=["none", "login", "consent", "select_account"],
        authorization_response_iss_parameter_supported=True,
        claims_parameter_supported=False,
        request_parameter_supported=False,
        request_uri_parameter_supported=False,
        backchannel_logout_supported=True,
        backchannel_logout_session_supported=True,
    )
    return _keep(said)


@bp.get("/openid/cles")
def keys() -> Response:
    """The keys that our signatures are checked with."""
    at = portal_at()
    return _keep(jsonify(key_set(at.session, at.now).as_dict(private=False)))


@bp.post("/openid/jeton")
def token() -> ResponseReturnValue:
    """A token for a code."""
    reply = PortalServer(portal_at()).exchange(sent_in_body())
    # Whatever the answer: a code that was tried is used, and the token of one that is tried twice is dead.
    let_go()
    if not isinstance(reply.body, str) and "error" in reply.body:
        _log.warning("no token for %s: %s", network_address(), reply.body["error"])
    return reply.body, reply.status, dict(reply.headers)


@bp.route("/openid/personne", methods=("GET", "POST"))
def person() -> ResponseReturnValue:
    """What a token opens: what its family agreed to tell, of the children of the schools that open the téléservice."""
    at = portal_at()
    held = opened_by(at.session, _bearer(), at.now)
    children = [] if held is None else children_there(at.session, held.client, held.account, at.today)
    if held is None or not children:
        _log.warning("nothing told to %s: %s", network_address(), "no such token" if held is None else "closed")
        return {"error": "invalid_token"}, 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return told(at.session, held, children, at.sealer)


def _bearer() -> str:
    """The token of the header, or of the body (RFC 6750); never of the address."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else request.form.get("access_token", "")


def _keep(said: Response) -> Response:
    said.headers["Cache-Control"] = f"public, max-age={SECONDS_KEPT}"
    return said


def _public(endpoint: str) -> str:
    return installation().settings.public_portal_url + url_for(endpoint).removeprefix(request.script_root)
