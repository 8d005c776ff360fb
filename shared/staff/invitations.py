"""A delegation given to a login that exists already opens nothing before its owner accepts it.

A head types a login and hands a code over, whoever has the login: nothing that the head sees tells whether somebody
else has it. For a new login the code is the first password. The owner of another one logs in as usual and types the
code; from then on the login opens more than before, so its password is chosen anew, and whoever else knew the old one
stays outside.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from shared.accounts.credentials.passwords import NewPassword, password_matches
from shared.acting.caller import Caller
from shared.limits.throttling import Attempt, count_code_attempt, take_back
from shared.models.journal import Action
from shared.models.staff import Staff, StaffRole
from shared.staff.handover import Drawn
from shared.staff.logins import act_of_staff, change_staff_password

DIRECTORY = "admin-invitation"


class InvitationNotFound(Exception):
    """This member of staff has no such invitation: another one may have it, which must not show."""


def invite(role: StaffRole, name: str, code: Drawn) -> None:
    """Let `role` wait for the owner of its login, who is to be handed the code; shown as `name` until then."""
    role.invited_name, role.invitation_hash = name, code.hash


def invitations_of(session: Session, staff: Staff) -> Sequence[StaffRole]:
    """The roles that wait for `staff` to accept them, oldest first."""
    waiting = select(StaffRole).where(StaffRole.staff_id == staff.id, StaffRole.invitation_hash.is_not(None))
    return session.scalars(waiting.options(joinedload(StaffRole.establishment)).order_by(StaffRole.id)).all()


def find_invitation(session: Session, staff: Staff, role_id: int) -> StaffRole:
    """One of the roles that wait for `staff`.

    Raises:
        InvitationNotFound: there is none, or it is somebody else's.
    """
    role = session.get(StaffRole, role_id)
    if role is None or role.staff_id != staff.id or role.invitation_hash is None:
        raise InvitationNotFound
    return role


@dataclass(frozen=True)
class InvitationAttempt:
    """Somebody types the code of an invitation: counted, and not yet looked at."""

    attempt: Attempt
    invitation_hash: str | None

    def accepts(self, code: str) -> bool:
        """Whether `code` is the one that was handed over; takes the time of one Argon2id."""
        return password_matches(code.strip(), self.invitation_hash)


def begin_accepting(caller: Caller, role: StaffRole) -> InvitationAttempt:
    """Count an attempt, and read what tells whether it is right; the caller commits before looking at the code.

    Raises:
        TooManyAttempts: wait first.
    """
    attempt = count_code_attempt(caller, DIRECTORY, str(role.id), familiar=False)
    return InvitationAttempt(attempt, role.invitation_hash)


def accept_invitation(caller: Caller, role: StaffRole, attempt: InvitationAttempt, new: NewPassword) -> None:
    """Open `role` to its owner, who gave the code and chooses another password; other browsers are logged out.

    Raises:
        InvitationNotFound: another code was handed over since.
        PasswordReplaced: while the new password was judged, another one was given.
    """
    caller.session.refresh(role, with_for_update=True)
    if role.invitation_hash != attempt.invitation_hash:
        raise InvitationNotFound
    take_back(caller.session, attempt.attempt)
    change_staff_password(caller, role.staff, new)
    role.invitation_hash = role.invited_name = None
    _record(caller, Action.INVITATION_ACCEPTED, role)


def refuse_invitation(caller: Caller, role: StaffRole) -> None:
    """Do without `role`: its row goes, and the journal of the establishment says so."""
    _record(caller, Action.INVITATION_REFUSED, role)
    caller.session.delete(role)


def _record(caller: Caller, action: Action, role: StaffRole) -> None:
    act = act_of_staff(caller, role.staff)
    act.record(action, establishment_id=role.establishment_id, subject=role.staff.login)
