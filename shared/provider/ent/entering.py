"""A family enters an ENT: what its holder must do first, then what the ENT is told, once for each question (R35)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import SealBroken
from shared.accounts.trail import holder, note
from shared.acting.desk import Act
from shared.database import insert_or
from shared.models.access.ents import EntEntry
from shared.models.accounts import AccountSession
from shared.models.journal import Action
from shared.proofs.secrets import drawn, hashed
from shared.provider.asking import Step, Visit
from shared.provider.ent.consents import TOLD, agree, covers, note_used, standing
from shared.provider.ent.keys import private_key
from shared.provider.ent.names import format_of, name_of
from shared.provider.ent.questions import Question
from shared.provider.ent.vectors import EntChild, children_told
from shared.provider.passes import Proof
from shared.provider.refusals import Refusal, Refused
from shared.provider.rotation import NoKey
from shared.provider.speaking import At

ANSWERED_FOR = timedelta(days=1)
"""How long a question stays answered: far longer than it is good for."""


@dataclass(frozen=True)
class Told:
    """What an ENT is told, as plain values: it is signed once nothing is locked any more."""

    key: str
    issuer: str
    entity_id: str
    consumer: str
    request_id: str
    relay_state: str
    subject: str
    subject_format: str
    session_index: str
    session_until: datetime
    proof: Proof
    vectors: Sequence[str]
    now: datetime


@dataclass(frozen=True)
class NotTold:
    """The same where it is told nothing, and why in the words of SAML."""

    key: str
    issuer: str
    consumer: str
    request_id: str
    relay_state: str
    status: str
    now: datetime


def next_step(at: At, question: Question, visit: Visit | None, asked_at: datetime) -> tuple[Step, Sequence[EntChild]]:
    """What comes next for whoever is in the browser, asked for the first time at `asked_at`; and the children told of.

    Raises:
        Refused: no school of the account opens this ENT.
    """
    if visit is None:
        return Step.LOG_IN, ()
    if question.is_forced and visit.proof.at < asked_at:
        return Step.PROVE, ()
    children = children_told(at.session, question.service, visit.account, at.today)
    if not children:
        raise Refused(Refusal.ENT_CLOSED, f"ent {question.service.id}")
    known = covers(standing(at.session, visit.account, question.service), children)
    return (Step.ENTER if known else Step.AGREE), children


def tell(
    at: At, question: Question, visit: Visit, children: Sequence[EntChild], entity_id: str, *, agreed: bool = False
) -> Told:
    """What the ENT is told of these children; `agreed` where the holder has just agreed. `entity_id` is our own name.

    Raises:
        Refused: the question was answered already, the session ended meanwhile, or there is no key to sign with.
    """
    session, service, account = at.session, question.service, visit.account
    key = _key(at)
    if agreed:
        agree(visit.caller, account, service, children)
    consent = standing(session, account, service)
    if consent is None:
        raise Refused(Refusal.ENT_LATE, f"ent {service.id}: what was agreed to was taken back")
    index, until = _answer_once(at, question, visit)
    note_used(consent, at.now)
    details = {"service": service.ent_link.label, "shared": sorted(TOLD), "count": len(children)}
    note(Act(session, holder(account, visit.caller.address), at.now), Action.SERVICE_ENTERED, account, details)
    return Told(
        key=key,
        issuer=entity_id,
        entity_id=service.entity_id,
        consumer=question.consumer,
        request_id=question.request_id,
        relay_state=question.relay_state,
        subject=name_of(at.sealer, service, account.id, index, is_transient=question.is_transient),
        subject_format=format_of(is_transient=question.is_transient),
        session_index=index,
        session_until=until,
        proof=visit.proof,
        vectors=[child.vector for child in children],
        now=at.now,
    )


def tell_nothing(at: At, question: Question, entity_id: str, status: str) -> NotTold:
    """That the ENT is told nothing: `status` is the last word of one of SAML's, `RequestDenied` or `NoPassive`.

    Raises:
        Refused: there is no key to sign with.
    """
    key, back = _key(at), question.consumer
    return NotTold(key, entity_id, back, question.request_id, question.relay_state, status, at.now)


def forget_entries(session: Session, now: datetime) -> None:
    """For the daily job: questions that nobody could ask again, of sessions that are over."""
    session.execute(delete(EntEntry).where(EntEntry.expires_at <= now))


def _answer_once(at: At, question: Question, visit: Visit) -> tuple[str, datetime]:
    """What the ENT calls this session, and how long it lasts."""
    session, service, named = at.session, question.service, hashed(visit.caller.token or "")
    open_here = select(AccountSession.expires_at).where(AccountSession.token_hash == named)
    until = session.scalar(
        open_here.where(AccountSession.account_id == visit.account.id, AccountSession.expires_at > at.now)
    )
    if until is None:
        raise Refused(Refusal.ENT_LATE, f"ent {service.id}: the session ended")
    values = {
        "ent_service_id": service.id,
        "account_id": visit.account.id,
        "request_id": question.request_id,
        "session_hash": named,
        "session_index": drawn(),
        "is_transient": question.is_transient,
        "expires_at": max(until, at.now + ANSWERED_FOR),
    }
    added = insert_or(session, EntEntry).values(values).on_conflict_do_nothing().returning(EntEntry.session_index)
    index = session.scalar(added)
    if index is None:
        raise Refused(Refusal.ENT_LATE, f"ent {service.id}: answered already")
    return index, until


def _key(at: At) -> str:
    try:
        return private_key(at.session, at.sealer, at.now)
    except NoKey:
        raise Refused(Refusal.ENT_UNAVAILABLE, "no key") from None
    except SealBroken as broken:
        raise Refused(Refusal.ENT_UNAVAILABLE, str(broken)) from None
