"""Giving back an access that was lost: another password to hand over, a second factor taken away, a login closed.

Whoever can do this to a login can become its owner. So a head does it only to people who have nothing but delegations
of that establishment, the académie to anybody but another of its administrators, and the command line to everybody.
"""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from shared.acting.desk import Act
from shared.models.journal import Action
from shared.models.staff import Staff, StaffRole, StaffRoleKind
from shared.rows.ownership import RowsOfSchools
from shared.staff.creation import StaffRefused
from shared.staff.handover import Drawn, begin_anew, hand_over
from shared.staff.invitations import invite
from shared.staff.logins import normal_login
from shared.staff.second_factor import forget_factor
from shared.staff.sessions import shut_out


class NotYours(Exception):
    """This login opens more than what whoever asks is in charge of; the message says whom to ask, in French."""


class RoleNotFound(Exception):
    """There is no such role in any establishment."""


_ROLES = RowsOfSchools(StaffRole, RoleNotFound)


def require_own_delegate(session: Session, role: StaffRole) -> None:
    """Let a head change the login of a delegate, or the code of one who is only invited.

    Raises:
        NotYours: the person has another role, here or elsewhere, now or before.
    """
    if role.invitation_hash is not None:
        return
    elsewhere = or_(
        StaffRole.establishment_id.is_distinct_from(role.establishment_id), StaffRole.kind != StaffRoleKind.DELEGATE
    )
    if _has_role(session, role.staff, elsewhere):
        raise NotYours(f"« {role.staff.login} » travaille aussi ailleurs : seule l'académie peut lui rendre son accès.")


def find_role_for_academy(session: Session, establishment_id: int, role_id: int) -> StaffRole:
    """A role in an establishment, for the académie to act on.

    Raises:
        RoleNotFound: there is none there.
        NotYours: the person administers the académie too.
    """
    role = _ROLES.find(session, establishment_id, role_id)
    require_no_administrator(session, role.staff)
    return role


def require_no_administrator(session: Session, staff: Staff) -> None:
    """Let the académie change the login of anybody but another of its administrators.

    Raises:
        NotYours: the person is one.
    """
    if _has_role(session, staff, StaffRole.kind == StaffRoleKind.ACADEMY):
        raise NotYours(
            f"« {staff.login} » administre aussi l'académie : son accès se rend par la ligne de commande, "
            "« teleservices reset-staff »."
        )


def hand_over_password(act: Act, role: StaffRole, drawn: Drawn) -> None:
    """Give another password, to hand over and to change at the next login; every browser is logged out.

    Where the role waits for the owner of its login, another code for it: the password is not this school's to change.
    """
    invited = role.invited_name
    if invited is None:
        hand_over(act.session, role.staff, drawn)
    else:
        invite(role, invited, drawn)
    _record(act, Action.STAFF_PASSWORD_HANDED_OVER, role)


def take_factor_away(act: Act, role: StaffRole) -> None:
    """For a telephone that was lost: the password alone opens again; every browser is logged out."""
    forget_factor(act.session, role.staff)
    shut_out(act.session, role.staff)
    _record(act, Action.FACTOR_RESET, role)


def close_login(act: Act, role: StaffRole) -> None:
    """Let a person log in nowhere any more; every browser is logged out."""
    role.staff.disabled_at = act.now
    shut_out(act.session, role.staff)
    _record(act, Action.STAFF_CLOSED, role)


def open_login(act: Act, role: StaffRole) -> None:
    """Let a person log in again, with the password of before."""
    role.staff.disabled_at = None
    _record(act, Action.STAFF_OPENED, role)


def remove_role(act: Act, role: StaffRole) -> None:
    """Take a role away, and leave the login: it may open other establishments."""
    act.session.delete(role)
    _record(act, Action.STAFF_ROLE_REMOVED, role)


def reset_staff(act: Act, login: str, drawn: Drawn) -> None:
    """Give back any login, with the password that was drawn, its second factor taken away.

    Raises:
        StaffRefused: nobody has this login.
    """
    staff = act.session.scalars(select(Staff).where(Staff.login == normal_login(login))).one_or_none()
    if staff is None:
        raise StaffRefused(f"Personne n'a l'identifiant « {login} ».")
    staff.disabled_at = None
    begin_anew(act.session, staff, drawn)
    act.record(Action.STAFF_RESET, subject=staff.login)


def _has_role(session: Session, staff: Staff, such: ColumnElement[bool]) -> bool:
    accepted = StaffRole.invitation_hash.is_(None)
    found = select(StaffRole.id).where(StaffRole.staff_id == staff.id, such, accepted)
    return session.scalars(found.limit(1)).first() is not None


def _record(act: Act, action: Action, role: StaffRole) -> None:
    details = {"role": role.kind.value}
    place, subject = role.establishment_id, role.staff.login
    act.record(action, establishment_id=place, subject=subject, details=details)
