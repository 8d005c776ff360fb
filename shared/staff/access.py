"""What a member of staff may do, and where: the only place that knows.

Roles are given here, and count wherever their holder comes in; those that an identity provider says count only in the
sessions that it opened, since only these are said anew each time (R34).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Select, Subquery, and_, bindparam, or_, select, union_all
from sqlalchemy.orm import Session

from shared.accounts.helping.scope import Scope
from shared.models.access.identity_providers import IdentityProvider, ProvidedRole
from shared.models.school import Establishment
from shared.models.staff import Staff, StaffRole, StaffRoleKind, Tab
from shared.rows.folded import says

EVERY_TAB = frozenset(Tab)
_Day = date | ColumnElement[date]


class EstablishmentNotFound(Exception):
    """There is no such establishment, or none in which this member of staff has a role: the two look the same."""


@dataclass(frozen=True)
class StaffVisit:
    """A member of staff at work on one local day, in a session that one identity provider opened, or a password."""

    staff: Staff
    today: date
    through: int | None = None
    """The provider; none for a password."""

    @property
    def is_provided(self) -> bool:
        """Whether what a provider says counts."""
        return self.through is not None


@dataclass(frozen=True)
class Access:
    """What one member of staff may do in one establishment."""

    establishment: Establishment
    kind: StaffRoleKind
    tabs: frozenset[Tab]
    helps: bool = False
    """Whether its holder is also of the help desk, here or elsewhere."""

    @property
    def is_head(self) -> bool:
        """Whether everything of the establishment is open: to its head, and to the académie."""
        return self.kind is not StaffRoleKind.DELEGATE

    def may(self, tab: Tab) -> bool:
        """Whether `tab` is open."""
        return tab in self.tabs


def access_to(session: Session, visit: StaffVisit, establishment_id: int) -> Access:
    """What the member of staff may do in this establishment.

    Raises:
        EstablishmentNotFound: nothing, or there is no such establishment.
    """
    wanted = asked_of(visit) | {"establishment_id": establishment_id}
    found = session.execute(_roles_there(said=visit.is_provided), wanted).all()
    roles = [role for role in found if role.kind is not StaffRoleKind.HELP_DESK]
    establishment = session.get(Establishment, establishment_id) if roles else None
    if establishment is None:
        raise EstablishmentNotFound
    helps = len(roles) < len(found)
    kinds = {role.kind for role in roles}
    for kind in (StaffRoleKind.ACADEMY, StaffRoleKind.HEAD):
        if kind in kinds:
            return Access(establishment, kind, EVERY_TAB, helps)
    tabs = frozenset(Tab(tab) for role in roles for tab in role.tabs)
    return Access(establishment, StaffRoleKind.DELEGATE, tabs, helps)


def is_academy(session: Session, visit: StaffVisit) -> bool:
    """Whether the member of staff administers the whole académie."""
    academy = _academy(said=visit.is_provided)
    return session.scalars(academy, asked_of(visit)).first() is not None


def help_scope(session: Session, visit: StaffVisit) -> Scope | None:
    """Where accounts are found to help their holders: the help desk in its places, the académie everywhere.

    None for whoever is neither.
    """
    helping = _places_of_help(said=visit.is_provided)
    places = set(session.scalars(helping, asked_of(visit)))
    if not places:
        return None
    return Scope(None if None in places else frozenset(place for place in places if place is not None))


def schools_held(visit: StaffVisit) -> Select[tuple[int | None]]:
    """The establishments, by number, in which the member of staff has a role; none for a role in the académie."""
    held = held_roles(visit)
    return select(held.c.establishment_id).where(held.c.establishment_id.is_not(None), _works(held))


def establishments_open_to(
    session: Session, visit: StaffVisit, *, search: str = "", after: str = "", limit: int = 50
) -> Sequence[Establishment]:
    """The establishments in which the member of staff has a role, by UAI from after the UAI `after`.

    `search` keeps those whose UAI begins, or whose name goes on, with it.
    """
    listed = select(Establishment).where(Establishment.uai > after).order_by(Establishment.uai).limit(limit)
    if not is_academy(session, visit):
        held = held_roles(visit)
        listed = listed.where(Establishment.id.in_(select(held.c.establishment_id).where(_works(held))))
    if search.strip():
        text = search.strip()
        listed = listed.where(
            Establishment.uai.startswith(text.upper(), autoescape=True) | says(Establishment.name, text)
        )
    return session.scalars(listed).all()


def emails_of_staff(session: Session, establishment_id: int, tab: Tab, today: date) -> list[str]:
    """The addresses of the establishment's own staff to whom `tab` is open on the local day `today`, each once."""
    rows = session.execute(
        select(Staff.email, StaffRole.kind, StaffRole.tabs)
        .join(Staff, Staff.id == StaffRole.staff_id)
        .where(
            StaffRole.establishment_id == establishment_id,
            standing(today),
            Staff.disabled_at.is_(None),
            Staff.email.is_not(None),
        )
    )
    return sorted({email.lower() for email, kind, tabs in rows if email and _opens(kind, tabs, tab)})


def _opens(kind: StaffRoleKind, tabs: Sequence[str], tab: Tab) -> bool:
    return tab in tabs if kind is StaffRoleKind.DELEGATE else kind is not StaffRoleKind.HELP_DESK


def _works(held: Subquery) -> ColumnElement[bool]:
    """Whether a role lets its holder work in an establishment: that of the help desk opens its own pages alone."""
    works: ColumnElement[bool] = held.c.kind != StaffRoleKind.HELP_DESK
    return works


def held_roles(visit: StaffVisit) -> Subquery:
    """The roles that count for the member of staff: `kind`, `establishment_id`, `tabs`."""
    return _held(visit.staff.id, visit.today, visit.through)


@cache
def roles_asked(*, said: bool) -> Subquery:
    """The same for whom `asked_of` names when it is executed; with `said`, what a provider says counts too.

    Made once: every page asks, and to put a statement together takes longer than to have it answered.
    """
    provider = bindparam("provider_id", type_=Integer) if said else None
    return _held(bindparam("staff_id", type_=Integer), bindparam("today", type_=Date), provider)


def asked_of(visit: StaffVisit) -> dict[str, Any]:
    """The parameters of `roles_asked`."""
    asked = {"staff_id": visit.staff.id, "today": visit.today}
    return asked | {"provider_id": visit.through} if visit.is_provided else asked


@cache
def _roles_there(*, said: bool) -> Select[Any]:
    held, there = roles_asked(said=said), bindparam("establishment_id", type_=Integer)
    here = or_(held.c.establishment_id == there, held.c.establishment_id.is_(None))
    return select(held.c.kind, held.c.tabs).where(or_(here, ~_works(held)))


@cache
def _academy(*, said: bool) -> Select[Any]:
    held = roles_asked(said=said)
    return select(held.c.kind).where(held.c.kind == StaffRoleKind.ACADEMY).limit(1)


@cache
def _places_of_help(*, said: bool) -> Select[Any]:
    held = roles_asked(said=said)
    helps = held.c.kind.in_([StaffRoleKind.HELP_DESK, StaffRoleKind.ACADEMY])
    return select(held.c.establishment_id).where(helps)


def _held(staff_id: int | ColumnElement[int], today: _Day, provider: int | ColumnElement[int] | None) -> Subquery:
    given = select(StaffRole.kind, StaffRole.establishment_id, StaffRole.tabs)
    given = given.where(StaffRole.staff_id == staff_id, standing(today))
    if provider is None:
        return given.subquery("held")
    said = select(ProvidedRole.kind, ProvidedRole.establishment_id, ProvidedRole.tabs).join(IdentityProvider)
    said = said.where(ProvidedRole.staff_id == staff_id, ProvidedRole.provider_id == provider, said_still(today))
    return union_all(given, said).subquery("held")


def said_still(today: _Day) -> ColumnElement[bool]:
    """Whether what a provider said holds on the local day `today`: its door is open, and it is one of the days."""
    begun = or_(ProvidedRole.begins_on.is_(None), ProvidedRole.begins_on <= today)
    lasts = or_(ProvidedRole.ends_on.is_(None), ProvidedRole.ends_on >= today)
    return and_(IdentityProvider.is_open, begun, lasts)


def standing(today: _Day) -> ColumnElement[bool]:
    """Whether a role was accepted, and has not ended on the local day `today`."""
    return and_(or_(StaffRole.ends_on.is_(None), StaffRole.ends_on >= today), StaffRole.invitation_hash.is_(None))
