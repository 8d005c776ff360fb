"""Browsers that were sent to a provider: what comes back answers one question, of one browser, once, and soon."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.database import insert_or
from shared.models.access.identity_providers import SignOnAttempt, UsedToken
from shared.proofs.secrets import drawn, hashed, is_same
from shared.sign_on.refusals import Refusal, SignOnRefused

TIME_TO_COME_BACK = timedelta(minutes=10)
LONGEST_STATE = 200


@dataclass(frozen=True)
class Question:
    """What a browser is sent away with: `state` and `nonce` go to the provider, `browser` to its cookie only."""

    state: str
    nonce: str
    verifier: str
    browser: str

    @classmethod
    def drawn(cls) -> "Question":
        """One that nobody guesses: 43 characters each, more than ProConnect asks for."""
        return cls(*(drawn() for _ in range(4)))


@dataclass(frozen=True)
class Answered:
    """The question that was answered."""

    provider_id: int
    staff_id: int | None
    """Who asked to be known by the provider; none for a login."""
    nonce: str
    verifier: str


def ask(session: Session, provider_id: int, question: Question, now: datetime, *, staff_id: int | None = None) -> None:
    """Remember what a browser is sent away with."""
    session.add(
        SignOnAttempt(
            state_hash=hashed(question.state),
            browser_hash=hashed(question.browser),
            provider_id=provider_id,
            staff_id=staff_id,
            nonce=question.nonce,
            verifier=question.verifier,
            expires_at=now + TIME_TO_COME_BACK,
        )
    )
    session.flush()


def answered(session: Session, state: str, browser: str, now: datetime) -> Answered:
    """The question that this state answers in this browser; it is forgotten, whatever comes of it.

    Raises:
        SignOnRefused: there is none, or it was another browser's, or too long ago. The caller commits all the same.
    """
    if not 0 < len(state) <= LONGEST_STATE:
        raise SignOnRefused(Refusal.NOT_BEGUN, "no state")
    forgotten = (
        delete(SignOnAttempt)
        .where(SignOnAttempt.state_hash == hashed(state))
        .returning(
            SignOnAttempt.browser_hash,
            SignOnAttempt.expires_at,
            SignOnAttempt.provider_id,
            SignOnAttempt.staff_id,
            SignOnAttempt.nonce,
            SignOnAttempt.verifier,
        )
    )
    row = session.execute(forgotten).one_or_none()
    if row is None:
        raise SignOnRefused(Refusal.NOT_BEGUN, "unknown state")
    if not is_same(browser, row.browser_hash):
        raise SignOnRefused(Refusal.NOT_BEGUN, "state of another browser")
    if row.expires_at <= now:
        raise SignOnRefused(Refusal.NOT_BEGUN, "too long ago")
    return Answered(row.provider_id, row.staff_id, row.nonce, row.verifier)


def use_once(session: Session, token: str, until: datetime) -> None:
    """Note that what a provider gave was accepted, so that it never is again before it dies by itself at `until`.

    Raises:
        SignOnRefused: it was accepted before.
    """
    values = {"token_hash": hashed(token), "expires_at": until}
    noted = insert_or(session, UsedToken).values(values).on_conflict_do_nothing().returning(UsedToken.id)
    if session.execute(noted).one_or_none() is None:
        raise SignOnRefused(Refusal.REPLAYED)


def forget_old_attempts(session: Session, now: datetime) -> None:
    """Forget the attempts and the used tokens that have expired; for the daily job."""
    session.execute(delete(SignOnAttempt).where(SignOnAttempt.expires_at <= now))
    session.execute(delete(UsedToken).where(UsedToken.expires_at <= now))
