"""Members of staff log in like families do, in three steps (R10), and a fourth when they have a second factor."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from shared.accounts.passwords import PasswordProblem, hash_password, password_matches, password_problem
from shared.journal import Actor, record
from shared.models.journal import ActorKind, JournalEvent
from shared.models.staff import Staff
from shared.staff.sessions import shut_out
from shared.throttling import Attempt, count_attempt, count_refusal, take_back

DIRECTORY = "admin"
LOGIN_LENGTH = 100


class StaffPasswordRefused(Exception):
    """The new password is weak; `problem` is safe to show."""

    def __init__(self, problem: PasswordProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


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


def begin_staff_login(session: Session, login: str, address: str, now: datetime) -> StaffCandidate:
    """Count an attempt, and read what tells whether it is right; the caller commits.

    Raises:
        TooManyAttempts: wait first; the same whether the login exists or not.
    """
    login = normal_login(login)
    staff = session.scalars(select(Staff).where(Staff.login == login)).one_or_none()
    known = staff is not None and _was_opened_from(session, staff.id, address)
    attempt = count_attempt(session, DIRECTORY, login, address, now, known_address=known)
    if staff is None:
        return StaffCandidate(login, attempt, None, None)
    return StaffCandidate(login, attempt, staff.id, staff.password_hash)


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


def complete_staff_login(session: Session, staff: Staff, now: datetime, address: str) -> None:
    """Note that `staff` is logged in: the password was right, and the code as well where there is a second factor."""
    staff.last_login_at = now
    record(session, "staff_login", staff_actor(staff, address), now, subject=staff.login)


def refuse_staff_login(session: Session, candidate: StaffCandidate, now: datetime, address: str) -> None:
    """Note a wrong password, and on which login if there is one: what strangers type is not written down.

    Written for a login of nobody too: the time that writing takes would tell which ones exist.
    """
    nobody = Actor(ActorKind.ANONYMOUS, "", address=address)
    subject = "" if candidate.staff_id is None else candidate.login
    record(session, "staff_login_refused", nobody, now, subject=subject)
    session.flush()
    count_refusal(session, DIRECTORY, now)


def change_staff_password(
    session: Session, staff: Staff, password: str, now: datetime, address: str, *, token: str | None
) -> None:
    """Replace the password; every browser is logged out except the one holding `token`.

    Raises:
        StaffPasswordRefused: the new one is weak, or is the one of before.
    """
    problem = password_problem(password, [staff.login, staff.name, staff.email])
    if problem is None and password_matches(password, staff.password_hash):
        problem = PasswordProblem.SAME_AS_BEFORE
    if problem is not None:
        raise StaffPasswordRefused(problem)
    staff.password_hash = hash_password(password)
    staff.must_change_password = False
    shut_out(session, staff, but=token)
    record(session, "staff_password_changed", staff_actor(staff, address), now, subject=staff.login)


def staff_actor(staff: Staff, address: str | None) -> Actor:
    """`staff`, for the journal."""
    return Actor(ActorKind.STAFF, staff.name, staff.id, address)


def _was_opened_from(session: Session, staff_id: int, address: str) -> bool:
    earlier = exists().where(
        JournalEvent.actor_kind == ActorKind.STAFF,
        JournalEvent.actor_id == staff_id,
        JournalEvent.action == "staff_login",
        JournalEvent.address == address,
    )
    return bool(session.scalar(select(earlier)))
