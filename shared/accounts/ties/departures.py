"""Looks each night whether the students that ties rest on left the establishment of before (R4).

The day on which a student leaves is known beforehand, and no file comes when it is there.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.populations import GUARDIANS, STUDENTS
from shared.accounts.ties.settling import confirm_departed
from shared.acting.desk import Desk
from shared.models.access.ties import AccountTie, TieState
from shared.models.school import Establishment


def establishments_that_wait(session: Session) -> Sequence[int]:
    """The numbers of those to which a tie is proposed; the others have nothing to look for."""
    waiting = select(AccountTie.establishment_id).where(AccountTie.state == TieState.PROPOSED).distinct()
    return session.scalars(waiting.order_by(AccountTie.establishment_id)).all()


def confirm_departures(desk: Desk) -> int:
    """Confirm the ties of an establishment whose students are gone; how many fiches hold an account now."""
    # As a generation does: neither gives a fiche an account while the other looks.
    desk.session.execute(
        select(Establishment.id).where(Establishment.id == desk.establishment_id).with_for_update()
    ).one()
    return sum(confirm_departed(desk, population) for population in (GUARDIANS, STUDENTS))
