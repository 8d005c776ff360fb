"""Members of staff are created: by the command line, by the académie, by the head who delegates."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.acting.desk import Act, Desk
from shared.emails import EmailInvalid, normal_email
from shared.models.journal import Action
from shared.models.school import Establishment
from shared.models.staff import Staff, StaffRole, StaffRoleKind
from shared.persons.names import fold
from shared.refusals import Refusal
from shared.staff.handover import Drawn, begin_anew
from shared.staff.logins import normal_login

NAME_LENGTH = 200
_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]*[a-z0-9])?")


class StaffRefused(Refusal):
    """A member of staff cannot be created, or given a role; the message says why, in French."""


@dataclass(frozen=True)
class NewStaff:
    """A member of staff as whoever runs commands describes one."""

    login: str
    kind: StaffRoleKind
    uai: str | None = None
    """Of the establishment of the role; none for one in the whole académie."""
    name: str = ""
    email: str | None = None
    """Believed: whoever runs commands answers for it."""


def create_staff(act: Act, wanted: NewStaff, drawn: Drawn) -> None:
    """Create a member of staff, or give one who exists another role, with the password that was drawn.

    Without an address, a login that exists loses its own.

    It must be changed at the first login. A login that exists gets it too, and loses its second factor: somebody who
    may not have the new role may hold it.

    Raises:
        StaffRefused: no login, a head without establishment, an establishment not imported yet, the role exists, or
            the address is none.
    """
    given = None if wanted.email is None else _address(wanted.email)
    establishment_id = _establishment_of_role(act.session, wanted.kind, wanted.uai)
    staff, is_new = staff_with_login(act.session, wanted.login, wanted.name, drawn, act.now)
    give_role(act, staff, StaffRole(kind=wanted.kind, establishment_id=establishment_id, tabs=[]))
    if not is_new:
        begin_anew(act.session, staff, drawn)
    if given is not None:
        staff.email = given


def name_head(desk: Desk, login: str, name: str, drawn: Drawn) -> None:
    """Make somebody head of an establishment, with the password that was drawn.

    A login that exists gets it too, and loses its second factor: whoever created it may hold it.

    Raises:
        StaffRefused: no login or no name, a login that is somebody else's, or the role exists.
    """
    staff, is_new = person_with_login(desk.session, login, name, drawn, desk.now)
    role = StaffRole(kind=StaffRoleKind.HEAD, establishment_id=desk.establishment_id, tabs=[])
    give_role(desk, staff, role)
    if not is_new:
        begin_anew(desk.session, staff, drawn)


def person_with_login(session: Session, login: str, name: str, drawn: Drawn, now: datetime) -> tuple[Staff, bool]:
    """The member of staff of this login **and** this name, created when nobody has the login yet; and whether so.

    The name must agree, so that a right never goes to a stranger who happens to have the login that was typed.

    Raises:
        StaffRefused: no login or no name, a login that is somebody else's, or one that was closed.
    """
    require_name(name)
    staff, is_new = staff_with_login(session, login, name, drawn, now)
    if fold(staff.name) != fold(name):
        raise StaffRefused(
            f"L'identifiant « {staff.login} » est déjà celui d'une autre personne. Choisissez-en un autre ; ou, si "
            "c'est bien la même personne, écrivez son nom comme il est déjà enregistré."
        )
    if staff.disabled_at is not None:
        raise StaffRefused(f"L'accès de « {staff.login} » a été fermé par l'académie : adressez-vous à elle.")
    return staff, is_new


def require_name(name: str) -> None:
    """Raise `StaffRefused` for an empty name."""
    if not name.strip():
        raise StaffRefused("Écrivez le nom et le prénom de la personne : c'est ce que le journal montrera.")


def staff_with_login(session: Session, login: str, name: str, drawn: Drawn, now: datetime) -> tuple[Staff, bool]:
    """The member of staff of this login, created with the password drawn when nobody has it; and whether so.

    Raises:
        StaffRefused: this cannot be a login, or the name is too long.
    """
    login, name = normal_login(login), " ".join(name.split())
    if len(name) > NAME_LENGTH:
        raise StaffRefused(f"Le nom est trop long : {NAME_LENGTH} caractères au plus.")
    staff = session.scalars(select(Staff).where(Staff.login == login)).one_or_none()
    if staff is not None:
        return staff, False
    if not _LOGIN.fullmatch(login):
        raise StaffRefused(
            "L'identifiant de connexion ne convient pas : des lettres sans accent, des chiffres, et au milieu . _ - "
            "ou @ ; 100 caractères au plus. Exemple : marie.payet"
        )
    staff = Staff(login=login, name=name or login, password_hash=drawn.hash, created_at=now)
    session.add(staff)
    session.flush()
    return staff, True


def give_role(act: Act, staff: Staff, role: StaffRole) -> None:
    """Give `role` to `staff`.

    Raises:
        StaffRefused: there is one already in the same place.
    """
    same = select(StaffRole.id).where(StaffRole.staff_id == staff.id)
    same = same.where(StaffRole.establishment_id.is_not_distinct_from(role.establishment_id))
    if act.session.scalar(same) is not None:
        raise StaffRefused(f"« {staff.login} » a déjà un rôle à cet endroit.")
    role.staff_id = staff.id
    act.session.add(role)
    act.session.flush()
    details = {"role": role.kind.value, "tabs": list(role.tabs), "until": role.ends_on and role.ends_on.isoformat()}
    place = role.establishment_id
    act.record(Action.STAFF_CREATED, establishment_id=place, subject=staff.login, details=details)


def _address(email: str) -> str:
    try:
        return normal_email(email)
    except EmailInvalid:
        raise StaffRefused("L'adresse e-mail n'est pas valable : --email nom@domaine.fr") from None


def _establishment_of_role(session: Session, kind: StaffRoleKind, uai: str | None) -> int | None:
    if kind is StaffRoleKind.HELP_DESK and not uai:
        return None
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
