"""Looking for duplicates among all the fiches of a school, once they changed: after an import, else at night."""

import logging
from collections.abc import Sequence
from datetime import date, datetime
from importlib.metadata import version

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.database import Database
from shared.duplicates.matching.dataset import read_school
from shared.duplicates.pairs.announcements import NOT_ANNOUNCED, announce_duplicates
from shared.duplicates.pairs.refresh import FichesChangedMeanwhile, compare_fiches, keep_comparison
from shared.models.duplicates import DuplicatePair
from shared.models.school import Establishment

COMPARISONS = 3
"""How often a school is compared whose fiches change meanwhile; the next night looks at it again."""
THIS_VERSION = version("teleservices")
"""Another one may find others: it looks at every school once."""

log = logging.getLogger(__name__)


def schools_to_compare(session: Session) -> Sequence[int]:
    """The establishments whose fiches changed since they were compared, or were compared by another version."""
    changed = Establishment.compared_by.is_distinct_from(THIS_VERSION)
    return session.scalars(select(Establishment.id).where(changed).order_by(Establishment.id)).all()


def schools_to_tell(session: Session) -> Sequence[int]:
    """The establishments of which a pair was told to nobody: there was nobody to tell, or staff brought it back."""
    waiting = select(DuplicatePair.establishment_id).where(NOT_ANNOUNCED).distinct()
    return session.scalars(waiting.order_by(DuplicatePair.establishment_id)).all()


def compare_school(database: Database, establishment_id: int, *, now: datetime, today: date, announce: bool) -> bool:
    """Find the likely duplicates of an establishment again, and tell it of what is new if `announce` (R12, R14).

    An edge: it opens its own transactions, and none while fiches are compared, which takes a second for a large school.
    Returns whether what was found could be kept: not where the fiches changed again and again meanwhile.
    """
    for _ in range(COMPARISONS):
        with database.reading() as session:
            rows = read_school(session, establishment_id)
        comparison = compare_fiches(establishment_id, rows)
        try:
            with database.writing() as session:
                keep_comparison(session, comparison, now)
                note_compared(session, establishment_id)
                if announce:
                    announce_duplicates(session, establishment_id, now=now, today=today)
        except FichesChangedMeanwhile:
            continue
        return True
    log.warning("the fiches of establishment %s change all the time: its duplicates wait", establishment_id)
    return False


def note_compared(session: Session, establishment_id: int) -> None:
    """Note that all fiches were compared as they are; the establishment is locked."""
    session.execute(
        update(Establishment).where(Establishment.id == establishment_id).values(compared_by=THIS_VERSION),
        execution_options={"synchronize_session": False},
    )
