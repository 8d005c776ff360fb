"""A téléservice asks who a family is: whether it may, and what its holder must do first (R35)."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from joserfc import jwt
from joserfc.errors import JoseError

from shared.acting.caller import Caller
from shared.models.access.openid import OpenidClient, OpenidConsent, Shared
from shared.models.accounts import Account
from shared.provider.claims import data_asked, subject
from shared.provider.consents import agree, covers, standing
from shared.provider.doors import Child, children_there
from shared.provider.keys import ALGORITHM, key_set
from shared.provider.logins import SessionOver, enter
from shared.provider.passes import Proof, Wanted, issue_code
from shared.provider.refusals import Refusal, Refused
from shared.provider.server import PortalServer
from shared.provider.speaking import At, Heard, Reply

PROMPTS = {"none", "login", "consent", "select_account"}
LONGEST_AGE = 9
"""Digits of `max_age`: thirty years."""


class Step(enum.Enum):
    """What the holder of the account must do before the téléservice is answered."""

    LOG_IN = enum.auto()
    PROVE = enum.auto()
    """Say once more who they are, though logged in."""
    AGREE = enum.auto()
    ENTER = enum.auto()
    """Nothing: all was said already."""


@dataclass(frozen=True)
class Visit:
    """Who is in the browser: an account that opens the portal, its session, and how it was proved."""

    account: Account
    caller: Caller
    proof: Proof


@dataclass(frozen=True)
class Asked:
    """What a téléservice asks, for an address that is one of its own."""

    client: OpenidClient
    wanted: Wanted
    state: str | None
    prompts: frozenset[str]
    max_age: int | None
    hint: str | None

    @property
    def is_silent(self) -> bool:
        """Whether nothing may be shown."""
        return "none" in self.prompts


def read(at: At, heard: Heard) -> Asked:
    """What is asked.

    Raises:
        OAuth2Error: it is refused, and its téléservice is to be told where it says so.
    """
    grant = PortalServer(at).grant_asked(heard)
    client: OpenidClient = grant.request.client.row
    fields: dict[str, str] = grant.request.payload.data
    prompts, max_age = frozenset(fields.get("prompt", "").split()), fields.get("max_age")
    is_age = max_age is None or (max_age.isascii() and max_age.isdigit() and len(max_age) <= LONGEST_AGE)
    if not prompts <= PROMPTS or not is_age:
        raise _error("invalid_request", grant.redirect_uri, fields.get("state"))
    wanted = Wanted(
        return_address=grant.redirect_uri,
        data=data_asked(client, fields["scope"]) or frozenset(),
        challenge=fields["code_challenge"],
        nonce=fields.get("nonce"),
    )
    age = None if max_age is None else int(max_age)
    return Asked(client, wanted, fields.get("state"), prompts, age, fields.get("id_token_hint"))


def next_step(at: At, asked: Asked, visit: Visit | None, asked_at: datetime) -> tuple[Step, Sequence[Child]]:
    """What comes next for whoever is in the browser, asked for the first time at `asked_at`; and the children told of.

    Raises:
        OAuth2Error: the téléservice is told that it gets no answer.
        Refused: no school of the account opens the téléservice.
    """
    if visit is None:
        return _unless_silent(asked, Step.LOG_IN, "login_required"), ()
    if not _is_proved(asked, visit.proof, asked_at, at.now):
        return _unless_silent(asked, Step.PROVE, "login_required"), ()
    if asked.hint is not None and not _is_hinted(at, asked, visit.account):
        raise _error("login_required", asked.wanted.return_address, asked.state)
    children = children_there(at.session, asked.client, visit.account, at.today)
    if not children:
        denied = _error("access_denied", asked.wanted.return_address, asked.state)
        if asked.is_silent:
            raise denied
        back = told_to(at, denied).address
        raise Refused(Refusal.CLOSED, f"client {asked.client.id}", back)
    known = covers(standing(at.session, visit.account, asked.client), asked.wanted.data, children)
    if known and not asked.prompts & {"consent", "select_account"}:
        return Step.ENTER, children
    return _unless_silent(asked, Step.AGREE, "consent_required"), children


def answer(at: At, asked: Asked, visit: Visit, children: Sequence[Child], *, agreed: bool = False) -> Reply:
    """Where the browser goes with a code; `agreed` where its holder has just agreed.

    Raises:
        OAuth2Error: the session ended meanwhile, or what was agreed to was taken back.
    """
    if agreed:
        agree(visit.caller, visit.account, asked.client, asked.wanted.data, children)
    consent: OpenidConsent | None = standing(at.session, visit.account, asked.client)
    if consent is None:
        raise _error("consent_required", asked.wanted.return_address, asked.state)
    try:
        login = enter(visit.caller, asked.client, visit.account, consent)
    except SessionOver:
        raise _error("login_required", asked.wanted.return_address, asked.state) from None
    said = {"code": issue_code(at.session, login, asked.wanted, visit.proof, at.now)}
    return _sent_back(at, asked, said)


def declined(at: At, asked: Asked) -> Reply:
    """Where the browser goes when its holder does not agree."""
    return told_to(at, _error("access_denied", asked.wanted.return_address, asked.state))


def told_to(at: At, error: OAuth2Error) -> Reply:
    """How a téléservice is told of an error; a status of 400 when no address is known to be its own."""
    status, body, headers = error()
    return Reply(status, body, dict(headers)).said_by(at.issuer)


def children_named(asked: Asked, children: Sequence[Child]) -> Sequence[Child]:
    """Those that the page of consent names."""
    return children if Shared.CHILDREN in asked.wanted.data else ()


def _sent_back(at: At, asked: Asked, said: dict[str, str]) -> Reply:
    params = said | ({"state": asked.state} if asked.state is not None else {})
    address = add_params_to_uri(asked.wanted.return_address, params)
    return Reply(302, "", {"Location": address}).said_by(at.issuer)


def _unless_silent(asked: Asked, step: Step, error: str) -> Step:
    if asked.is_silent:
        raise _error(error, asked.wanted.return_address, asked.state)
    return step


def _is_proved(asked: Asked, proof: Proof, asked_at: datetime, now: datetime) -> bool:
    """Whether the holder proved who they are late enough: since they were asked, or not longer ago than is wanted."""
    if proof.at >= asked_at:
        return True
    too_old = asked.max_age is not None and (now - proof.at).total_seconds() > asked.max_age
    return not too_old and "login" not in asked.prompts


def _is_hinted(at: At, asked: Asked, account: Account) -> bool:
    try:
        claims: dict[str, Any] = jwt.decode(asked.hint or "", key_set(at.session, at.now), [ALGORITHM]).claims
    except (JoseError, ValueError, TypeError, KeyError):
        return False
    return claims.get("iss") == at.issuer and claims.get("sub") == subject(asked.client, account, at.sealer)


def _error(error: str, back: str, state: str | None) -> OAuth2Error:
    return OAuth2Error(error=error, redirect_uri=back, state=state)
