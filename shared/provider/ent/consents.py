"""What families agreed to tell each ENT, and take back when they want (R35)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from shared.accounts.trail import holder, note
from shared.acting.caller import Caller
from shared.acting.desk import Act
from shared.models.access.ents import EntConsent, EntService
from shared.models.access.openid import Shared
from shared.models.accounts import Account
from shared.models.journal import Action
from shared.models.teleservices import EntLink
from shared.provider.consents import ConsentNotFound, Given, as_given
from shared.provider.ent.vectors import EntChild

TOLD = frozenset({Shared.NAMES, Shared.CHILDREN})
"""What every ENT is told: it reads nothing else."""


def standing(session: Session, account: Account, service: EntService) -> EntConsent | None:
    """What the holder agreed to tell `service` and did not take back."""
    return session.scalars(_of(account, service).where(EntConsent.withdrawn_at.is_(None))).one_or_none()


def covers(consent: EntConsent | None, children: Collection[EntChild]) -> bool:
    """Whether all of it was agreed to: another child is asked for anew."""
    return consent is not None and {child.student_id for child in children} <= set(consent.students)


def agree(caller: Caller, account: Account, service: EntService, children: Collection[EntChild]) -> None:
    """Write down that the holder agreed, besides what was agreed to before."""
    session, now = caller.session, caller.now
    consent = session.scalars(_of(account, service).with_for_update()).one_or_none()
    if consent is None:
        consent = EntConsent(account_id=account.id, ent_service_id=service.id, students=[])
        session.add(consent)
    if consent.withdrawn_at is not None:
        consent.students, consent.withdrawn_at = [], None
    consent.students = sorted({*consent.students, *(child.student_id for child in children)})
    consent.given_at = consent.used_at = now
    session.flush()
    details = {"service": service.ent_link.label, "shared": sorted(TOLD), "count": len(children)}
    note(Act(session, holder(account, caller.address), now), Action.CONSENT_GIVEN, account, details)


def take_back_from_ent(caller: Caller, account: Account, service_id: int) -> str:
    """Tell an ENT nothing any more; returns its label. What it has open there is its own to end.

    Raises:
        ConsentNotFound: nothing is told to it.
    """
    session, now = caller.session, caller.now
    service = session.get(EntService, service_id)
    consent = standing(session, account, service) if service is not None else None
    if service is None or consent is None:
        raise ConsentNotFound
    consent.withdrawn_at = now
    label = service.ent_link.label
    note(Act(session, holder(account, caller.address), now), Action.CONSENT_WITHDRAWN, account, {"service": label})
    return label


def told_to_ents(session: Session, account: Account) -> list[Given]:
    """What the holder tells ENTs now, by label."""
    rows = (
        select(EntConsent, EntService.id, EntLink.label)
        .join(EntService, EntService.id == EntConsent.ent_service_id)
        .join(EntLink, EntLink.id == EntService.ent_link_id)
        .where(EntConsent.account_id == account.id, EntConsent.withdrawn_at.is_(None))
        .order_by(EntLink.label, EntService.id)
    )
    return as_given(session, rows, lambda _consent: TOLD)


def note_used(consent: EntConsent, now: datetime) -> None:
    """Write down that the consent was used just now."""
    consent.used_at = now


def _of(account: Account, service: EntService) -> Select[EntConsent]:
    return select(EntConsent).where(EntConsent.account_id == account.id, EntConsent.ent_service_id == service.id)
