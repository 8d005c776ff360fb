"""What is handed over to a member of staff on paper: a password drawn at random, good until its owner changes it."""

import secrets
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from shared.accounts.credentials.passwords import hash_password
from shared.models.staff import Staff
from shared.staff.identities import forget_identities, has_password
from shared.staff.second_factor import forget_factor
from shared.staff.sessions import shut_out


@dataclass(frozen=True)
class Drawn:
    """A password to hand over, which must be changed at the first login, or the code of an invitation; 120 bits."""

    password: str = field(repr=False)
    hash: str = field(repr=False)


def draw_password() -> Drawn:
    """Another one. Hashing takes time: to be done before the transaction in which it is given."""
    password = secrets.token_urlsafe(15)
    return Drawn(password, hash_password(password))


def hand_over(session: Session, staff: Staff, drawn: Drawn) -> None:
    """Give `staff` another password, to change at the next login; every browser is logged out.

    Nobody comes in by a provider either, until the owner joins it again: whoever had the password of before may have
    joined one. Where a provider is all there was, its person stays: nobody could join another.
    """
    if has_password(staff):
        forget_identities(session, staff)
    staff.password_hash = drawn.hash
    staff.must_change_password = True
    shut_out(session, staff)


def begin_anew(session: Session, staff: Staff, drawn: Drawn) -> None:
    """Give `staff` another password and take all else away that opens or answers: whoever held this login is out."""
    forget_factor(session, staff)
    forget_identities(session, staff)
    staff.email = None
    hand_over(session, staff, drawn)
