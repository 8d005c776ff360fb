"""What is handed over to a member of staff on paper: a password drawn at random, good until its owner changes it."""

import secrets

from sqlalchemy.orm import Session

from shared.accounts.passwords import hash_password
from shared.models.staff import Staff
from shared.staff.second_factor import forget_factor
from shared.staff.sessions import shut_out


def draw_password() -> str:
    """A password to hand over, which must be changed at the first login; 120 bits."""
    return secrets.token_urlsafe(15)


def hand_over(session: Session, staff: Staff) -> str:
    """Give `staff` another password, to change at the next login; every browser is logged out."""
    password = draw_password()
    staff.password_hash = hash_password(password)
    staff.must_change_password = True
    shut_out(session, staff)
    return password


def begin_anew(session: Session, staff: Staff) -> str:
    """Give `staff` another password and take the second factor away: nobody who held this login holds it any more."""
    forget_factor(session, staff)
    return hand_over(session, staff)
