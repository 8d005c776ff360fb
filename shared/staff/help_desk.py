"""The help desk of the académie (« assistance »): who is of it, in one establishment or in all of them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from shared.acting.desk import Act
from shared.models.school import Establishment
from shared.models.staff import Staff, StaffRole, StaffRoleKind
from shared.staff.creation import StaffRefused, give_role, person_with_login
from shared.staff.handover import Drawn, begin_anew
from shared.staff.lost_access import RoleNotFound, require_no_administrator

MOST_SHOWN = 500


def helpers(session: Session) -> Sequence[StaffRole]:
    """Everybody of the help desk, by name, with where."""
    listed = select(StaffRole).join(Staff).where(StaffRole.kind == StaffRoleKind.HELP_DESK)
    listed = listed.options(joinedload(StaffRole.staff), joinedload(StaffRole.establishment))
    return session.scalars(listed.order_by(Staff.name, StaffRole.id).limit(MOST_SHOWN)).all()


def name_helper(act: Act, person: tuple[str, str], uai: str, drawn: Drawn) -> None:
    """Let a person, by login and name, help the families of one establishment, or of all where `uai` is empty.

    A login that exists gets the password that was drawn too, and loses its second factor: whoever created it may hold
    it, and would read who every family is.

    Raises:
        StaffRefused: no login or no name, a login that is somebody else's, no such establishment, or a role there.
    """
    login, name = person
    place = _place(act.session, uai)
    staff, is_new = person_with_login(act.session, login, name, drawn, act.now)
    if not is_new:
        # Another administrator's password changes on the command line alone.
        require_no_administrator(act.session, staff)
    role = StaffRole(kind=StaffRoleKind.HELP_DESK, establishment_id=place, tabs=[])
    give_role(act, staff, role)
    if not is_new:
        begin_anew(act.session, staff, drawn)


def find_helper(session: Session, role_id: int) -> StaffRole:
    """A role in the help desk, for the académie to act on.

    Raises:
        RoleNotFound: there is none of that number.
        NotYours: the person administers the académie too.
    """
    role = session.get(StaffRole, role_id)
    if role is None or role.kind is not StaffRoleKind.HELP_DESK:
        raise RoleNotFound
    require_no_administrator(session, role.staff)
    return role


def _place(session: Session, uai: str) -> int | None:
    if not uai.strip():
        return None
    found = session.scalar(select(Establishment.id).where(Establishment.uai == uai.strip().upper()))
    if found is None:
        raise StaffRefused(
            f"Aucun établissement n'a l'UAI « {uai.strip()} ». Laissez la case vide pour toute l'académie."
        )
    return found
