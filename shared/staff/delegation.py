"""The head of an establishment delegates tabs to a person, until a day or without end, and takes them back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from shared.acting.desk import Act, Desk
from shared.models.journal import Action
from shared.models.staff import Staff, StaffRole, StaffRoleKind, Tab
from shared.rows.editing import save_if_unchanged
from shared.rows.ownership import RowsOfSchools
from shared.staff.creation import StaffRefused, give_role, require_name, staff_with_login
from shared.staff.handover import Drawn
from shared.staff.invitations import invite


class DelegationNotFound(Exception):
    """This establishment has no such delegation."""


_ROLES = RowsOfSchools(StaffRole, DelegationNotFound)


@dataclass(frozen=True)
class Delegated:
    """What is delegated: at least one tab, and the last day, if any."""

    tabs: frozenset[Tab]
    ends_on: date | None

    def as_values(self) -> dict[str, object]:
        """As the row of the role holds it."""
        return {"tabs": sorted(tab.value for tab in self.tabs), "ends_on": self.ends_on}

    def as_details(self) -> dict[str, object]:
        """As the journal tells it."""
        return {"tabs": sorted(self.tabs), "until": self.ends_on.isoformat() if self.ends_on else None}


def what_to_delegate(tabs: Iterable[str], ends_on: date | None, today: date) -> Delegated:
    """What was ticked, once it makes sense.

    Raises:
        StaffRefused: no tab, one that cannot be delegated, or a day that is over.
    """
    known = {tab.value: tab for tab in Tab}
    chosen = set(tabs)
    if not chosen:
        raise StaffRefused("Cochez au moins un onglet à déléguer.")
    if chosen - known.keys():
        raise StaffRefused("Un de ces onglets ne se délègue pas. Revenez à la liste et recommencez.")
    if ends_on is not None and ends_on < today:
        raise StaffRefused(f"Le dernier jour ({ends_on:%d/%m/%Y}) est déjà passé : choisissez-en un autre, ou aucun.")
    return Delegated(frozenset(known[tab] for tab in chosen), ends_on)


def people_of(session: Session, establishment_id: int) -> Sequence[StaffRole]:
    """Everybody with a role in an establishment, heads first, by name: who may do what."""
    of_school = select(StaffRole).join(Staff).where(StaffRole.establishment_id == establishment_id)
    name = func.coalesce(StaffRole.invited_name, Staff.name)
    by_kind = StaffRole.kind == StaffRoleKind.DELEGATE
    return session.scalars(of_school.options(joinedload(StaffRole.staff)).order_by(by_kind, name, StaffRole.id)).all()


def delegate(desk: Desk, login: str, name: str, wanted: Delegated, drawn: Drawn) -> StaffRole:
    """Delegate to a person, whose login is created when it is new, and who is to be handed what was drawn.

    Of a login that exists, wherever and whosever it is, nothing is told and nothing changes: its owner is invited.

    Raises:
        StaffRefused: no login or no name, or a person with a role here already.
    """
    require_name(name)
    staff, is_new = staff_with_login(desk.session, login, name, drawn, desk.now)
    role = StaffRole(kind=StaffRoleKind.DELEGATE, establishment_id=desk.establishment_id, **wanted.as_values())
    if not is_new:
        invite(role, " ".join(name.split()), drawn)
    give_role(desk, staff, role)
    return role


def find_delegation(session: Session, establishment_id: int, role_id: int) -> StaffRole:
    """One delegation of this establishment; a head is none.

    Raises:
        DelegationNotFound: there is none, or it is another establishment's.
    """
    with_staff = [joinedload(StaffRole.staff)]
    role = _ROLES.find(session, establishment_id, role_id, options=with_staff)
    if role.kind is not StaffRoleKind.DELEGATE:
        raise DelegationNotFound
    return role


def change_delegation(act: Act, role: StaffRole, wanted: Delegated, version: int) -> None:
    """Replace what is delegated; it counts from the person's next page on.

    Raises:
        ChangedMeanwhile: somebody else changed or ended it since `version` was read.
    """
    save_if_unchanged(act.session, role, version, wanted.as_values())
    _record(act, Action.DELEGATION_CHANGED, role, wanted.as_details())


def end_delegation(act: Act, role: StaffRole) -> None:
    """Take everything back: the person's next page is refused. The journal keeps what there was."""
    act.session.delete(role)
    _record(act, Action.DELEGATION_ENDED, role, {"tabs": list(role.tabs)})


def _record(act: Act, action: Action, role: StaffRole, details: dict[str, object]) -> None:
    place, subject = role.establishment_id, role.staff.login
    act.record(action, establishment_id=place, subject=subject, details=details)
