"""Members of staff log in like families do, in three steps (R10), and a fourth when they have a second factor."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.passwords import Demands, NewPassword, Opening, password_matches
from shared.acting.caller import Caller
from shared.acting.desk import Act
from shared.journal import Actor
from shared.limits.familiar_places import OF_STAFF as PLACES_OF_STAFF
from shared.limits.familiar_places import Familiarity, Place, named
from shared.limits.throttling import Attempt, count_attempt, count_refusal, take_back
from shared.models.journal import Action, ActorKind
from shared.models.school import Establishment
from shared.models.staff import Staff, StaffRole
from shared.staff.new_devices import tell_staff_of_new_device
from shared.staff.sessions import shut_out

DIRECTORY = "admin"
LOGIN_LENGTH = 100

# Written once: every login asks for it.
_OF_LOGIN = select(
    Staff.id,
    Staff.password_hash,
    PLACES_OF_STAFF.seen(bindparam("network")).label("network_seen_at"),
    PLACES_OF_STAFF.seen(bindparam("device")).label("device_seen_at"),
).where(Staff.login == bindparam("login"))


class StaffDisabled(Exception):
    """The password is right, but this login was closed."""


class StaffPasswordReplaced(Exception):
    """While the password was looked at, it was replaced, or the login removed."""


@dataclass(frozen=True)
class StaffCandidate:
    """What somebody tries to log in to: a member of staff, or nothing, which must not show."""

    login: str
    attempt: Attempt
    staff_id: int | None
    password_hash: str | None

    def accepts(self, password: str) -> bool:
        """Whether `password` is the one; takes the time of one Argon2id whatever the answer."""
        return password_matches(password, self.password_hash)


def normal_login(text: str) -> str:
    """A login without blanks nor capitals, nor what no keyboard types; empty when it cannot be one."""
    login = "".join(filter(str.isprintable, "".join(text.split()).lower()))
    return login if len(login) <= LOGIN_LENGTH else ""


def begin_staff_login(caller: Caller, login: str) -> StaffCandidate:
    """Count an attempt, and read what tells whether it is right; `device` is what the browser keeps, if anything.

    Raises:
        TooManyAttempts: wait first; the same whether the login exists or not. The caller commits.
    """
    login, place = normal_login(login), Place.of(caller.address, caller.device)
    staff = caller.session.execute(_OF_LOGIN, {**named(place, caller.now), "login": login}).one_or_none()
    seen = Familiarity(staff.network_seen_at, staff.device_seen_at) if staff else Familiarity(None, None)
    attempt = count_attempt(caller, DIRECTORY, login, familiar=seen.is_any, device=place.device if seen.device else "")
    if staff is None:
        return StaffCandidate(login, attempt, None, None)
    return StaffCandidate(login, attempt, staff.id, staff.password_hash)


def is_familiar(caller: Caller, staff: Staff) -> bool:
    """Whether `staff` came in from there before, from that network or in that browser."""
    row = caller.session.execute(
        _OF_LOGIN, {**named(Place.of(caller.address, caller.device), caller.now), "login": staff.login}
    ).one()
    return row.network_seen_at is not None or row.device_seen_at is not None


def accept_staff_password(session: Session, candidate: StaffCandidate) -> Staff:
    """Note that the password was right, and return the member of staff.

    Raises:
        StaffDisabled: this login was closed.
        StaffPasswordReplaced: to be answered as a wrong password.
    """
    staff = session.get(Staff, candidate.staff_id, populate_existing=True)
    if staff is None or staff.password_hash != candidate.password_hash:
        raise StaffPasswordReplaced
    take_back(session, candidate.attempt)
    if staff.disabled_at is not None:
        raise StaffDisabled
    return staff


def complete_staff_login(caller: Caller, staff: Staff) -> None:
    """Note that `staff` is logged in: the password was right, and the code as well where there is a second factor.

    Where they came in from is familiar from now on, and so is the browser that keeps `device`.
    """
    staff.last_login_at = caller.now
    place = Place.of(caller.address, caller.device)
    tell_staff_of_new_device(caller.session, staff, place, caller.now)
    PLACES_OF_STAFF.note(caller.session, staff.id, Familiarity(None, None).to_note(place, caller.now), caller.now)
    act_of_staff(caller, staff).record(Action.STAFF_LOGIN, subject=staff.login)


def refuse_staff_login(caller: Caller, candidate: StaffCandidate) -> None:
    """Note a wrong password, and on which login if there is one: what strangers type is not written down.

    Written for a login of nobody too: the time that writing takes would tell which ones exist.
    """
    subject = "" if candidate.staff_id is None else candidate.login
    caller.by_nobody().record(Action.STAFF_LOGIN_REFUSED, subject=subject)
    caller.session.flush()
    count_refusal(caller.session, candidate.attempt, caller.now)


def staff_password_demands(session: Session, staff: Staff) -> Demands:
    """What a new password of `staff` is judged by, once the caller ended its transaction (R6)."""
    about = [staff.login, staff.name, staff.email]
    return Demands(about, _schools_of(session, staff), Opening(staff.password_hash), never_the_same=True)


def change_staff_password(caller: Caller, staff: Staff, new: NewPassword) -> None:
    """Replace the password; every browser is logged out except the one holding `token`.

    Raises:
        PasswordReplaced: while the new one was judged, another one was given or chosen.
    """
    caller.session.refresh(staff, with_for_update=True)
    new.require_present(Opening(staff.password_hash))
    staff.password_hash = new.hash
    staff.must_change_password = False
    shut_out(caller.session, staff, but=caller.token)
    act_of_staff(caller, staff).record(Action.STAFF_PASSWORD_CHANGED, subject=staff.login)


def _schools_of(session: Session, staff: Staff) -> list[str]:
    """What those who know a member of staff would try: the names and towns of the schools worked in (R6)."""
    of_school = select(Establishment.name, Establishment.city)
    of_school = of_school.join(StaffRole, StaffRole.establishment_id == Establishment.id)
    rows = session.execute(of_school.where(StaffRole.staff_id == staff.id))
    return list(dict.fromkeys(name for row in rows for name in row if name))


def staff_actor(staff: Staff, address: str | None) -> Actor:
    """`staff`, for the journal."""
    return Actor(ActorKind.STAFF, staff.name, staff.id, address)


def act_of_staff(caller: Caller, staff: Staff) -> Act:
    """What `staff` does, who called."""
    return caller.by(staff_actor(staff, caller.address))
