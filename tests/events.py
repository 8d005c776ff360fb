"""What the journal holds, as tests look at it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models.journal import JournalEvent


def events_of_establishment(session: Session, establishment_id: int) -> Sequence[JournalEvent]:
    """The events of an establishment, newest first."""
    of_school = select(JournalEvent).where(JournalEvent.establishment_id == establishment_id)
    return session.scalars(of_school.order_by(JournalEvent.id.desc())).all()
