"""Leaving likely duplicates for later (R13)."""

from collections.abc import Collection

from sqlalchemy import update

from shared.acting.desk import Desk
from shared.duplicates.standing.locks import find_guardians
from shared.models.duplicates import DuplicatePair
from shared.models.journal import Action


def skip_duplicates(desk: Desk, guardian_ids: Collection[int]) -> None:
    """Put every pair of these fiches at the end of the list; nothing else changes.

    Raises:
        FichesNotFound: one of them is another establishment's.
    """
    guardians = find_guardians(desk.session, desk.establishment_id, guardian_ids)
    desk.session.execute(
        update(DuplicatePair)
        .where(
            DuplicatePair.establishment_id == desk.establishment_id,
            DuplicatePair.first_id.in_(guardian_ids),
            DuplicatePair.second_id.in_(guardian_ids),
        )
        .values(times_skipped=DuplicatePair.times_skipped + 1),
        execution_options={"synchronize_session": False},
    )
    fiches = ", ".join(f"{guardian.full_name} ({guardian.shown_key})" for guardian in guardians)
    desk.note(
        Action.DUPLICATE_SKIPPED,
        subject=fiches,
    )
