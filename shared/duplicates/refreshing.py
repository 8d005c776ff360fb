"""Keeps the table of likely duplicates in line with the fiches, after an import and every night."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from shared.duplicates.fiches import Fiches, load_fiches
from shared.duplicates.finding import Found, find_duplicates
from shared.duplicates.reading import lock_establishment
from shared.duplicates.wording import against, levels_of, reasons
from shared.models.duplicates import DuplicatePair

SUREST = 0.99
"""Nothing in a school base makes two fiches one person for certain."""
_ROWS_AT_ONCE = 500

_Ids = tuple[int, int]
_Content = tuple[float, list[str], list[str]]


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
    found = _described(fiches, find_duplicates(fiches, flags))
    known = _known(session, establishment_id, changed)
    _remove(session, [number for ids, (number, _) in known.items() if ids not in found])
    _update(session, known, found)
    fresh = [ids for ids in found if ids not in known]
    _add(session, establishment_id, {ids: found[ids] for ids in fresh}, now)
    return len(fresh)


def _described(fiches: Fiches, found: Found) -> dict[_Ids, _Content]:
    ids = fiches.ids.tolist()
    described = {}
    for position in range(len(found.pairs)):
        one, other = int(found.pairs.one[position]), int(found.pairs.other[position])
        levels = levels_of(found, position)
        described[ids[one], ids[other]] = (
            min(SUREST, round(float(found.confidence[position]), 2)),
            list(reasons(levels, fiches.written[one], fiches.written[other])),
            list(against(levels, outdone=bool(found.outdone[position]))),
        )
    return described


def _known(
    session: Session, establishment_id: int, changed: Collection[int] | None
) -> dict[_Ids, tuple[int, _Content]]:
    query = select(DuplicatePair).where(DuplicatePair.establishment_id == establishment_id)
    parts: Iterable[Any] = [query]
    if changed is not None:
        parts = [
            query.where(or_(DuplicatePair.first_id.in_(those), DuplicatePair.second_id.in_(those)))
            for those in _lots(sorted(changed))
        ]
    return {
        (pair.first_id, pair.second_id): (pair.id, (pair.confidence, pair.reasons, pair.against))
        for part in parts
        for pair in session.scalars(part, execution_options={"populate_existing": True})
    }


def _remove(session: Session, numbers: list[int]) -> None:
    for those in _lots(numbers):
        session.execute(delete(DuplicatePair).where(DuplicatePair.id.in_(those)))


def _update(session: Session, known: dict[_Ids, tuple[int, _Content]], found: dict[_Ids, _Content]) -> None:
    differing = [
        {"id": number, "confidence": found[ids][0], "reasons": found[ids][1], "against": found[ids][2]}
        for ids, (number, content) in known.items()
        if ids in found and found[ids] != content
    ]
    if differing:
        session.execute(update(DuplicatePair), differing)


def _add(session: Session, establishment_id: int, found: dict[_Ids, _Content], now: datetime) -> None:
    rows = [
        {
            "establishment_id": establishment_id,
            "first_id": first,
            "second_id": second,
            "confidence": confidence,
            "reasons": said,
            "against": contrary,
            "detected_at": now,
        }
        for (first, second), (confidence, said, contrary) in found.items()
    ]
    if rows:
        session.execute(insert(DuplicatePair), rows)


def _lots(numbers: list[int]) -> list[list[int]]:
    return [numbers[start : start + _ROWS_AT_ONCE] for start in range(0, len(numbers), _ROWS_AT_ONCE)]
