"""Keeps the table of likely duplicates in line with the fiches, after an import and every night."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from shared.duplicates.matching.dataset import load_fiches
from shared.duplicates.matching.explanations import Description, described
from shared.duplicates.matching.matcher import find_duplicates
from shared.duplicates.standing.locks import lock_establishment
from shared.models.duplicates import DuplicatePair

_ROWS_AT_ONCE = 500

_Ids = tuple[int, int]


def refresh_pairs(
    session: Session, establishment_id: int, now: datetime, changed: Collection[int] | None = None
) -> int:
    """Find the likely duplicates of an establishment again; returns how many were not known before (R12).

    With `changed`, the numbers of the fiches that changed, only pairs with one of them are looked at: enough after a
    few changes. A pair keeps the time of its first detection. The establishment is locked first.
    """
    lock_establishment(session, establishment_id)
    fiches = load_fiches(session, establishment_id)
    flags = None if changed is None else np.isin(fiches.ids, list(changed))
    found = described(fiches, find_duplicates(fiches, flags))
    known = _known(session, establishment_id, changed)
    _remove(session, [number for ids, (number, _) in known.items() if ids not in found])
    _update(session, known, found)
    fresh = [ids for ids in found if ids not in known]
    _add(session, establishment_id, {ids: found[ids] for ids in fresh}, now)
    return len(fresh)


def _known(
    session: Session, establishment_id: int, changed: Collection[int] | None
) -> dict[_Ids, tuple[int, Description]]:
    query = select(DuplicatePair).where(DuplicatePair.establishment_id == establishment_id)
    parts: Iterable[Any] = [query]
    if changed is not None:
        parts = [
            query.where(or_(DuplicatePair.first_id.in_(those), DuplicatePair.second_id.in_(those)))
            for those in _lots(sorted(changed))
        ]
    return {
        (pair.first_id, pair.second_id): (pair.id, Description(pair.confidence, pair.reasons, pair.against))
        for part in parts
        for pair in session.scalars(part, execution_options={"populate_existing": True})
    }


def _remove(session: Session, numbers: list[int]) -> None:
    for those in _lots(numbers):
        session.execute(delete(DuplicatePair).where(DuplicatePair.id.in_(those)))


def _update(session: Session, known: dict[_Ids, tuple[int, Description]], found: dict[_Ids, Description]) -> None:
    differing = [
        {"id": number, **found[ids]._asdict()}
        for ids, (number, content) in known.items()
        if ids in found and found[ids] != content
    ]
    if differing:
        session.execute(update(DuplicatePair), differing)


def _add(session: Session, establishment_id: int, found: dict[_Ids, Description], now: datetime) -> None:
    rows = [
        {
            "establishment_id": establishment_id,
            "first_id": first,
            "second_id": second,
            "detected_at": now,
            **description._asdict(),
        }
        for (first, second), description in found.items()
    ]
    if rows:
        session.execute(insert(DuplicatePair), rows)


def _lots(numbers: list[int]) -> list[list[int]]:
    return [numbers[start : start + _ROWS_AT_ONCE] for start in range(0, len(numbers), _ROWS_AT_ONCE)]
