"""Somebody comes in by a provider: found by issuer and subject, roles made anew from what was said (R34)."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Delete, delete, insert, select
from sqlalchemy.orm import Session, contains_eager

from shared.acting.desk import Act
from shared.journal import SYSTEM
from shared.models.access.identity_providers import IdentityProvider, ProvidedRole, StaffIdentity
from shared.models.journal import Action
from shared.models.notifications import StaffMailKind
from shared.models.school import Establishment
from shared.models.staff import Staff, StaffRoleKind
from shared.outbox import queue_staff_mail
from shared.sign_on.attributes import Attributes, delegations, schools_in_charge
from shared.sign_on.mapper import Granted, Person, person_said, trust_from
from shared.sign_on.refusals import Refusal, SignOnRefused
from shared.staff.access import StaffVisit, held_roles, said_still
from shared.staff.identities import OPENED_BY_NONE, has_password
from shared.staff.sessions import end_provided

MOST_SHOWN = 200


class _Said(NamedTuple):
    """A role as its row holds it."""

    establishment_id: int | None
    kind: StaffRoleKind
    tabs: tuple[str, ...]
    begins_on: date | None
    ends_on: date | None


@dataclass(frozen=True)
class ComesBy:
    """Who comes in, by which provider, and what it says."""

    provider: IdentityProvider
    subject: str
    attributes: Attributes


def come_in(session: Session, comes: ComesBy, now: datetime, today: date) -> Staff:
    """The member of staff who comes in, known from now on, with the roles of today.

    Raises:
        SignOnRefused: the login was closed, or nothing opens. The caller commits all the same: what was taken away is.
    """
    provider = comes.provider
    person, places = _said(session, comes, today)
    identity = _identity(session, provider, comes.subject) or _identity_of_just_now(session, comes)
    if identity is None and not person.roles:
        raise SignOnRefused(Refusal.NO_ROLE, _why(person))
    staff = identity.staff if identity else _welcome_new(session, comes, person, now)
    if identity is not None:
        identity.came_in_at = now
    if staff.disabled_at is not None:
        raise SignOnRefused(Refusal.CLOSED)
    if not has_password(staff):
        staff.name, staff.email = person.name or staff.name, person.email or staff.email
    _make_roles_anew(session, staff, provider, _as_rows(person.roles, places), now)
    held = held_roles(StaffVisit(staff, today, provider.id))
    if session.execute(select(held.c.kind).limit(1)).first() is None:
        raise SignOnRefused(Refusal.NO_ROLE, _why(person))
    return staff


def join(act: Act, staff: Staff, comes: ComesBy, today: date) -> None:
    """Let a member of staff who is logged in come in by a provider as well from now on, and tell the address of it.

    Asked for with the password: a browser left open lets nobody in by a person of their own.

    Raises:
        SignOnRefused: somebody else is that person there, or this one another person there.
    """
    provider = comes.provider
    mine = select(StaffIdentity).where(StaffIdentity.staff_id == staff.id, StaffIdentity.provider_id == provider.id)
    theirs, own = _identity(act.session, provider, comes.subject), act.session.scalars(mine).one_or_none()
    if (theirs is not None and theirs.staff_id != staff.id) or (own is not None and own.subject != comes.subject):
        raise SignOnRefused(Refusal.ANOTHER_PERSON)
    if own is None:
        act.session.add(
            StaffIdentity(staff_id=staff.id, provider_id=provider.id, subject=comes.subject, came_in_at=act.now)
        )
        act.session.flush()
        act.record(Action.IDENTITY_JOINED, subject=staff.login, details={"provider": provider.name})
        if staff.email:
            queue_staff_mail(act.session, StaffMailKind.WAY_IN_JOINED, staff, staff.email, act.now)
    person, places = _said(act.session, comes, today)
    _make_roles_anew(act.session, staff, provider, _as_rows(person.roles, places), act.now)


class IdentityNotFound(Exception):
    """This member of staff is not known by a provider under that number."""


def part(act: Act, staff: Staff, identity_id: int) -> None:
    """Let a member of staff come in by a provider no more; browsers that did are logged out.

    Who has no password would be shut out, and keeps it.

    Raises:
        IdentityNotFound: this person has none of that number, or no other way in.
    """
    identity = act.session.get(StaffIdentity, identity_id)
    if identity is None or identity.staff_id != staff.id or not has_password(staff):
        raise IdentityNotFound
    name, provider_id = identity.provider.name, identity.provider_id
    act.session.delete(identity)
    act.session.execute(_roles_of(staff.id, provider_id))
    end_provided(act.session, provider_id, staff_id=staff.id)
    act.record(Action.IDENTITY_PARTED, subject=staff.login, details={"provider": name})


def provided_in(session: Session, establishment_id: int, today: date) -> Sequence[ProvidedRole]:
    """Who has a role in an establishment because a provider said so at the last login: a few, heads first."""
    found = select(ProvidedRole).join(Staff).join(IdentityProvider)
    found = found.where(ProvidedRole.establishment_id == establishment_id, said_still(today))
    by_kind = ProvidedRole.kind == StaffRoleKind.DELEGATE
    told = contains_eager(ProvidedRole.staff), contains_eager(ProvidedRole.provider)
    return session.scalars(found.options(*told).order_by(by_kind, Staff.name, ProvidedRole.id).limit(MOST_SHOWN)).all()


def identities_of(session: Session, staff: Staff) -> list[StaffIdentity]:
    """By which providers a member of staff may come in."""
    mine = select(StaffIdentity).join(IdentityProvider).where(StaffIdentity.staff_id == staff.id)
    return list(session.scalars(mine.order_by(IdentityProvider.position, IdentityProvider.id)))


def _said(session: Session, comes: ComesBy, today: date) -> tuple[Person, Mapping[str, int]]:
    """Who comes in, and the numbers of the establishments that are named and here, by UAI."""
    named = [*schools_in_charge(comes.attributes)[0]]
    named += [uai for delegated in delegations(comes.attributes)[0] for uai in delegated.uais]
    found = session.execute(select(Establishment.uai, Establishment.id).where(Establishment.uai.in_(named)))
    places = {row.uai: row.id for row in found}
    return person_said(comes.attributes, trust_from(comes.provider.trust), places.keys(), today), places


def _identity(session: Session, provider: IdentityProvider, subject: str) -> StaffIdentity | None:
    known = select(StaffIdentity).where(StaffIdentity.provider_id == provider.id, StaffIdentity.subject == subject)
    return session.scalars(known.with_for_update()).one_or_none()


def _identity_of_just_now(session: Session, comes: ComesBy) -> StaffIdentity | None:
    """Whoever comes for the first time in two browsers at once is one person: the second one waits for the first."""
    session.execute(select(IdentityProvider.id).where(IdentityProvider.id == comes.provider.id).with_for_update())
    return _identity(session, comes.provider, comes.subject)


def _welcome_new(session: Session, comes: ComesBy, person: Person, now: datetime) -> Staff:
    """A login that nobody types: another one where the person had one that is somebody's own by now."""
    mark = hashlib.sha256(comes.subject.encode()).hexdigest()[:12]
    login = f"externe-{comes.provider.id}-{mark}"
    if session.scalar(select(Staff.id).where(Staff.login == login)) is not None:
        login = f"{login}-{secrets.token_hex(6)}"
    staff = Staff(
        login=login,
        name=person.name or login,
        email=person.email or None,
        password_hash=OPENED_BY_NONE,
        must_change_password=False,
        created_at=now,
    )
    session.add(staff)
    session.flush()
    session.add(StaffIdentity(staff_id=staff.id, provider_id=comes.provider.id, subject=comes.subject, came_in_at=now))
    session.flush()
    Act(session, SYSTEM, now).record(Action.IDENTITY_JOINED, subject=login, details={"provider": comes.provider.name})
    return staff


def _make_roles_anew(
    session: Session, staff: Staff, provider: IdentityProvider, wanted: set[_Said], now: datetime
) -> None:
    """What is said no longer is taken away; what changed is written in the journal of the establishment."""
    kept = select(ProvidedRole).where(ProvidedRole.staff_id == staff.id, ProvidedRole.provider_id == provider.id)
    before = {
        _Said(role.establishment_id, role.kind, tuple(role.tabs), role.begins_on, role.ends_on)
        for role in session.scalars(kept)
    }
    if before == wanted:
        return
    session.execute(_roles_of(staff.id, provider.id))
    owned = {"staff_id": staff.id, "provider_id": provider.id}
    rows = [{**owned, **role._asdict(), "tabs": list(role.tabs)} for role in wanted]
    if rows:
        session.execute(insert(ProvidedRole), rows)
    for given in sorted(wanted - before, key=str):
        _tell(session, Action.PROVIDED_ROLE_GIVEN, staff, provider, given, now)
    for taken in sorted(before - wanted, key=str):
        _tell(session, Action.PROVIDED_ROLE_TAKEN, staff, provider, taken, now)


def _tell(
    session: Session, action: Action, staff: Staff, provider: IdentityProvider, role: _Said, now: datetime
) -> None:
    until = role.ends_on.isoformat() if role.ends_on else None
    details = {"provider": provider.name, "role": role.kind.value, "until": until}
    place = role.establishment_id
    Act(session, SYSTEM, now).record(action, establishment_id=place, subject=staff.login, details=details)


def _as_rows(roles: Iterable[Granted], places: Mapping[str, int]) -> set[_Said]:
    return {
        _Said(
            places[role.uai] if role.uai else None,
            role.kind,
            tuple(sorted(role.tabs)),
            role.begins_on,
            role.ends_on,
        )
        for role in roles
    }


def _roles_of(staff_id: int, provider_id: int) -> Delete:
    return delete(ProvidedRole).where(ProvidedRole.staff_id == staff_id, ProvidedRole.provider_id == provider_id)


def _why(person: Person) -> str:
    """For the log: what gave nothing, without what was said."""
    return ", ".join(sorted({f"{one.attribute} {one.trouble.value}" for one in person.unread}))
