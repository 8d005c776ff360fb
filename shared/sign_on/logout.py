"""What a provider says by itself: a session of its own ended (OpenID Connect Back-Channel Logout 1.0)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models.access.identity_providers import StaffIdentity
from shared.sign_on.discovery import Discovery
from shared.sign_on.oidc import Client
from shared.sign_on.refusals import Refusal, SignOnRefused
from shared.sign_on.tokens import require_logout, signed_claims
from shared.staff.sessions import end_provided

OLDEST = timedelta(minutes=5)
"""A logout token is sent at once: an older one is somebody else's copy."""


@dataclass(frozen=True)
class EndOfSession:
    """Whose session ended, and the name of the token that says so, good once until `until`."""

    subject: str | None
    session: str | None
    token_id: str
    until: datetime

    def close(self, session: Session, provider_id: int) -> int:
        """Log out the browsers that it speaks of; returns how many."""
        staff_id = None
        if self.subject is not None:
            known = select(StaffIdentity.staff_id).where(
                StaffIdentity.provider_id == provider_id, StaffIdentity.subject == self.subject
            )
            staff_id = session.scalar(known)
            if staff_id is None:
                return 0
        return end_provided(session, provider_id, staff_id=staff_id, called=self.session)


def end_of_session(client: Client, discovery: Discovery, token: str, now: datetime) -> EndOfSession:
    """What a logout token says.

    Raises:
        SignOnRefused: it is not by this provider, not for us, not of now, or says nothing.
    """
    claims = signed_claims(discovery, client.issuer, client.client_id, token, now)
    require_logout(claims)
    said_at = datetime.fromtimestamp(claims["iat"], UTC)
    if now - said_at > OLDEST:
        raise SignOnRefused(Refusal.INVALID, "a logout token of before")
    return EndOfSession(claims.get("sub"), claims.get("sid"), claims["jti"], said_at + 2 * OLDEST)
