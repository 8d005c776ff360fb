"""After a restoration, work of the background waits until somebody released it: asked within what claims the work."""

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from shared.models.background import Restoration
from shared.refusals import Refusal


class WorkHeld(Refusal):
    """The base was restored, and nobody released what waits; the message says what to run."""

    def __init__(self) -> None:
        super().__init__(
            "La base a été restaurée et rien n'est encore relâché\u00a0: lancez « teleservices release », qui dit ce "
            "qui partirait de nouveau."
        )


def nothing_is_held() -> ColumnElement[bool]:
    """Whether work may begin: a condition of the statement that takes it."""
    return ~exists(select(Restoration.id).where(Restoration.standing.is_(True)))


def standing_restoration(session: Session) -> Restoration | None:
    """The restoration that nobody released yet."""
    return session.scalars(select(Restoration).where(Restoration.standing.is_(True))).one_or_none()


def require_nothing_held(session: Session) -> None:
    """Go on only where work may begin.

    Raises:
        WorkHeld: a restoration waits to be released.
    """
    if standing_restoration(session) is not None:
        raise WorkHeld
