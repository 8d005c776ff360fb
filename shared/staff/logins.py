"""Members of staff: created from the command line, logged in like families are, in three steps (R10)."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from shared.accounts.passwords import PasswordProblem, hash_password, password_matches, password_problem
from shared.browsers import OF_STAFF
from shared.journal import Actor, record
from shared.models.journal import ActorKind, JournalEvent
from shared.models.school import Establishment
from shared.models.staff import Staff, StaffRole, StaffRoleKind
from shared.throttling import Attempt, count_attempt, take_back

DIRECTORY = "admin"
LOGIN_LENGTH = 100


class StaffRefused(Exception):
    """A member of staff cannot be created; the message says why, in French."""


class StaffPasswordRefused(Exception):
    """The new password is weak; `problem` is safe to show."""

    def __init__(self, problem: PasswordProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class StaffDisabled(Exception):
    """The password is right, but this login was closed."""


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


def create_staff(
    session: Session, login: str, kind: StaffRoleKind, uai: str | None, now: datetime, actor: Actor, name: str = ""
) -> str:
    """Create a member of staff, or give one who exists another role; returns the password to hand over, or nothing.

    The password is drawn at random, and must be changed at the first login.

    Raises:
        StaffRefused: no login, a head without establishment, an establishment not imported yet, or the role exists.
    """
    login = normal_login(login)
    if not login:
        raise StaffRefused("L'identifiant de connexion est vide, ou trop long : 100 caractères au plus.")
    establishment_id = _establishment_of_role(session, kind, uai)
    staff = session.scalars(select(Staff).where(Staff.login == login)).one_or_none()
    password = ""
    if staff is None:
        password = secrets.token_urlsafe(15)
        staff = Staff(login=login, name=name or login, password_hash=hash_password(password), created_at=now)
        session.add(staff)
        session.flush()
    same = select(StaffRole.id).where(StaffRole.staff_id == staff.id)
    same = same.where(StaffRole.establishment_id.is_not_distinct_from(establishment_id))
    if session.scalar(same) is not None:
        raise StaffRefused(f"« {login} » a déjà un rôle à cet endroit.")
    session.add(StaffRole(staff_id=staff.id, kind=kind, establishment_id=establishment_id, tabs=[]))
    details = {"role": kind.value}
    record(session, "staff_created", actor, now, establishment_id=establishment_id, subject=login, details=details)
    return password


def _establishment_of_role(session: Session, kind: StaffRoleKind, uai: str | None) -> int | None:
    if kind is StaffRoleKind.ACADEMY:
        if uai:
            raise StaffRefused("Un administrateur d'académie n'est lié à aucun établissement : retirez l'UAI.")
        return None
    if not uai:
        raise StaffRefused("Dites de quel établissement : --uai 9740001A.")
    found = session.scalar(select(Establishment.id).where(Establishment.uai == uai.upper()))
    if found is None:
        raise StaffRefused(f"Aucun établissement {uai} : importez d'abord ses fichiers SIECLE.")
    return found


def normal_login(text: str) -> str:
    """A login without blanks nor capitals; empty when it cannot be one."""
    login = "".join(text.split()).lower()
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


def complete_staff_login(session: Session, candidate: StaffCandidate, now: datetime, address: str) -> Staff:
    """Note that the password was right, and return the member of staff.

    Raises:
        StaffDisabled: this login was closed.
    """
    take_back(session, candidate.attempt)
    staff = session.get_one(Staff, candidate.staff_id)
    if staff.disabled_at is not None:
        raise StaffDisabled
    staff.last_login_at = now
    record(session, "staff_login", staff_actor(staff, address), now, subject=staff.login)
    return staff


def refuse_staff_login(session: Session, candidate: StaffCandidate, now: datetime, address: str) -> None:
    """Note a wrong password on a login that exists; what strangers type is not written down."""
    if candidate.staff_id is not None:
        nobody = Actor(ActorKind.ANONYMOUS, "", address=address)
        record(session, "staff_login_refused", nobody, now, subject=candidate.login)


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
    OF_STAFF.close_all(session, staff.id, but=token)
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
