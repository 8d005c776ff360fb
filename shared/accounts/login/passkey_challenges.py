"""The site that passkeys are made for, and the questions it puts to browsers: each to be answered once, and soon."""

import enum
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.languages import to_translate
from shared.models.access.passkeys import PasskeyChallenge
from shared.proofs.secrets import drawn, hashed

TIME_TO_ANSWER = timedelta(minutes=5)
CHALLENGE_BYTES = 32
_USUAL_PORTS = {"https": 443, "http": 80}


class PasskeyRefusal(enum.StrEnum):
    """Why a passkey is not added, or opens nothing; said to whoever holds it."""

    TOO_LATE = to_translate("Trop de temps a passé. Recommencez.")
    NOT_PROVEN = to_translate("La clé d'accès n'a pas été acceptée. Recommencez.")
    NOT_ACTIVE = to_translate("Activez d'abord votre compte : vous pourrez ensuite ajouter une clé d'accès.")
    NO_NAME = to_translate("Donnez un nom à cette clé d'accès.")
    KNOWN = to_translate("Cette clé d'accès est déjà ajoutée.")
    TOO_MANY = to_translate("Vous avez déjà 10 clés d'accès. Retirez-en une, puis recommencez.")
    OPENS_NOTHING = to_translate(
        "Cette clé d'accès n'ouvre aucun compte. Connectez-vous avec votre identifiant et votre mot de passe."
    )


class PasskeyRefused(Exception):
    """The passkey is refused; `reason` is safe to show.

    Whoever catches it commits all the same: a question that was answered wrongly stays answered.
    """

    def __init__(self, reason: PasskeyRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class PasskeySite:
    """Where passkeys are of use: the browser refuses them to every other site."""

    id: str
    """The name that passkeys are bound to: that of the host."""
    origin: str
    """Scheme, host and port, as the browser writes them."""


@dataclass(frozen=True)
class Question:
    """What a browser is asked: `options` is JSON for its own function, `token` goes to its cookie and nowhere else."""

    options: str
    token: str


def passkey_site(public_portal_url: str) -> PasskeySite | None:
    """The site that the portal is; none where its host has no name, since a passkey cannot be bound to an IP address.

    Only the configuration decides, never what a request says of its host.
    """
    parts = urlsplit(public_portal_url)
    host = (parts.hostname or "").encode("idna").decode()
    try:
        ipaddress.ip_address(host)
    except ValueError:
        port = "" if parts.port in {None, _USUAL_PORTS[parts.scheme]} else f":{parts.port}"
        return PasskeySite(host, f"{parts.scheme}://{host}{port}")
    return None


def put_challenge(session: Session, now: datetime, *, account_id: int | None) -> tuple[str, bytes]:
    """A new challenge and the token of the browser it is put to; to add a passkey to `account_id`, or to log in."""
    token, challenge = drawn(), secrets.token_bytes(CHALLENGE_BYTES)
    session.add(
        PasskeyChallenge(
            token_hash=hashed(token), challenge=challenge, account_id=account_id, expires_at=now + TIME_TO_ANSWER
        )
    )
    return token, challenge


def take_challenge(session: Session, token: str, now: datetime, *, account_id: int | None) -> bytes:
    """The challenge put to the browser that holds `token`, for the same purpose; nobody takes it a second time.

    Raises:
        PasskeyRefused: too late, answered before, put to another browser, or for something else.
    """
    asked = delete(PasskeyChallenge).where(
        PasskeyChallenge.token_hash == hashed(token),
        PasskeyChallenge.account_id.is_(None) if account_id is None else PasskeyChallenge.account_id == account_id,
        PasskeyChallenge.expires_at > now,
    )
    challenge = session.scalars(asked.returning(PasskeyChallenge.challenge)).one_or_none()
    if challenge is None:
        raise PasskeyRefused(PasskeyRefusal.TOO_LATE)
    return challenge


def withdraw_challenges(session: Session, account_id: int) -> None:
    """Let no question put to add a passkey to this account be answered any more."""
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.account_id == account_id))


def forget_old_challenges(session: Session, now: datetime) -> None:
    """Remove the questions that nobody answered; for the daily job."""
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= now))
