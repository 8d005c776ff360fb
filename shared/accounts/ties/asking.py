"""Asks the matrix before an action on an account: what ties this establishment to it, and is it enough (R4)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.ties.powers import Power, Role, allows
from shared.models.access.ties import AccountTie, TieState


class TieTooWeak(Exception):
    """What ties the establishment to the account does not allow this; to be answered as if there were no account."""


def tie_state(session: Session, account_id: int, establishment_id: int) -> TieState | None:
    """What ties an account to an establishment; None for nothing."""
    return session.scalar(
        select(AccountTie.state).where(
            AccountTie.account_id == account_id, AccountTie.establishment_id == establishment_id
        )
    )


def require(session: Session, power: Power, account_id: int, establishment_id: int, role: Role) -> None:
    """Go on only where the matrix says so.

    Raises:
        TieTooWeak: the tie is not such that `role` may do it.
    """
    if not allows(power, tie_state(session, account_id, establishment_id), role):
        raise TieTooWeak
