"""Leaving likely duplicates for later (R13)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.duplicates.standing.locks import find_guardians
from shared.journal import Actor, record
from shared.models.duplicates import DuplicatePair
from shared.models.journal import Action


def skip_duplicates(
    session: Session, establishment_id: int, guardian_ids: Collection[int], now: datetime, actor: Actor
) -> None:
    """Put every pair of these fiches at the end of the list; nothing else changes.

    Raises:
        FichesNotFound: one of them is another establishment's.
    """
    guardians = find_guardians(session, establishment_id, guardian_ids)
    session.execute(
        update(DuplicatePair)
        .where(
            DuplicatePair.establishment_id == establishment_id,
            DuplicatePair.first_id.in_(guardian_ids),
            DuplicatePair.second_id.in_(guardian_ids),
        )
        .values(times_skipped=DuplicatePair.times_skipped + 1),
        execution_options={"synchronize_session": False},
    )
    fiches = ", ".join(f"{guardian.full_name} ({guardian.shown_key})" for guardian in guardians)
    record(session, Action.DUPLICATE_SKIPPED, actor, now, establishment_id=establishment_id, subject=fiches)
