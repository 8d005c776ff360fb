"""What families agreed to give each téléservice, and take back when they want (R35)."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from shared.accounts.trail import holder, note
from shared.acting.caller import Caller
from shared.acting.desk import Act
from shared.models.access.ents import EntConsent
from shared.models.access.openid import OpenidClient, OpenidConsent, OpenidLogin, Shared
from shared.models.accounts import Account
from shared.models.journal import Action
from shared.models.school import Student
from shared.models.teleservices import Teleservice
from shared.provider.doors import Child

Consent = TypeVar("Consent", OpenidConsent, EntConsent)


class ConsentNotFound(Exception):
    """The holder gives nothing to that téléservice."""


@dataclass(frozen=True)
class Given:
    """What a family gives a téléservice."""

    registration_id: int
    service: str
    data: frozenset[Shared]
    children: Sequence[str]
    given_at: datetime
    used_at: datetime


def standing(session: Session, account: Account, client: OpenidClient) -> OpenidConsent | None:
    """What the holder agreed to give `client` and did not take back."""
    return session.scalars(_of(account, client).where(OpenidConsent.withdrawn_at.is_(None))).one_or_none()


def covers(consent: OpenidConsent | None, data: Collection[Shared], children: Collection[Child]) -> bool:
    """Whether all of it was agreed to: another data, or another child, is asked for anew."""
    if consent is None or not set(data) <= set(consent.data):
        return False
    return Shared.CHILDREN not in data or {child.student_id for child in children} <= set(consent.students)


def agree(
    caller: Caller, account: Account, client: OpenidClient, data: Collection[Shared], children: Collection[Child]
) -> None:
    """Write down that the holder agreed, besides what was agreed to before."""
    session, now = caller.session, caller.now
    named = {child.student_id for child in children} if Shared.CHILDREN in data else set()
    consent = session.scalars(_of(account, client).with_for_update()).one_or_none()
    if consent is None:
        consent = OpenidConsent(account_id=account.id, openid_client_id=client.id, data=[], students=[])
        session.add(consent)
    if consent.withdrawn_at is not None:
        consent.data, consent.students, consent.withdrawn_at = [], [], None
    consent.data = sorted({*consent.data, *data})
    consent.students = sorted({*consent.students, *named})
    consent.given_at = consent.used_at = now
    session.flush()
    details = {"service": client.teleservice.label, "shared": sorted(data), "count": len(named)}
    note(Act(session, holder(account, caller.address), now), Action.CONSENT_GIVEN, account, details)


def take_back(caller: Caller, account: Account, registration_id: int) -> str:
    """Give a téléservice nothing any more, and end what it has open; returns its label.

    Raises:
        ConsentNotFound: nothing is given to it.
    """
    session, now = caller.session, caller.now
    client = session.get(OpenidClient, registration_id)
    consent = standing(session, account, client) if client is not None else None
    if client is None or consent is None:
        raise ConsentNotFound
    consent.withdrawn_at = now
    # No session has that hash: the téléservice is told that it ended.
    session.execute(
        update(OpenidLogin)
        .where(OpenidLogin.account_id == account.id, OpenidLogin.openid_client_id == client.id)
        .values(session_hash=OpenidLogin.sid)
        .execution_options(synchronize_session=False)
    )
    label = client.teleservice.label
    note(Act(session, holder(account, caller.address), now), Action.CONSENT_WITHDRAWN, account, {"service": label})
    return label


def given_by(session: Session, account: Account) -> list[Given]:
    """What the holder gives téléservices now, in the order of the catalogue."""
    rows = (
        select(OpenidConsent, OpenidClient.id, Teleservice.label)
        .join(OpenidClient, OpenidClient.id == OpenidConsent.openid_client_id)
        .join(Teleservice, Teleservice.id == OpenidClient.teleservice_id)
        .where(OpenidConsent.account_id == account.id, OpenidConsent.withdrawn_at.is_(None))
        .order_by(Teleservice.position, OpenidClient.id)
    )
    return as_given(session, rows, lambda consent: frozenset(Shared(value) for value in consent.data))


def as_given(
    session: Session,
    rows: Select[Consent, int, str],
    data_of: Callable[[Consent], frozenset[Shared]],
) -> list[Given]:
    """What consents give, in the order of `rows`: each with the number of who is given it, and a label."""
    found = session.execute(rows).all()
    named = {number for consent, _registration, _label in found for number in consent.students}
    names = {one.id: one.full_name for one in session.scalars(select(Student).where(Student.id.in_(named)))}
    return [
        Given(
            registration_id=registration_id,
            service=label,
            data=data_of(consent),
            children=[names[number] for number in consent.students if number in names],
            given_at=consent.given_at,
            used_at=consent.used_at,
        )
        for consent, registration_id, label in found
    ]


def _of(account: Account, client: OpenidClient) -> Select[OpenidConsent]:
    return select(OpenidConsent).where(
        OpenidConsent.account_id == account.id, OpenidConsent.openid_client_id == client.id
    )
