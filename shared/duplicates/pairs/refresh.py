"""Keeps the table of likely duplicates in line with the fiches, after an import and every night."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from shared.duplicates.matching.dataset import SchoolRows, fiches_in, read_school
from shared.duplicates.matching.explanations import Description, described
from shared.duplicates.matching.matcher import find_duplicates
from shared.duplicates.matching.parameters import Parameters
from shared.duplicates.pairs.stored_parameters import store_parameters, stored_parameters
from shared.duplicates.standing.locks import lock_establishment
from shared.models.duplicates import DuplicatePair

_ROWS_AT_ONCE = 500

_Ids = tuple[int, int]


class FichesChangedMeanwhile(Exception):
    """The fiches are no longer those that were compared: what was found says nothing of them."""


@dataclass(frozen=True)
class Comparison:
    """The likely duplicates of an establishment, the parameters they were found with, and the fiches."""

    establishment_id: int
    rows: SchoolRows
    parameters: Parameters
    found: dict[_Ids, Description]


def compare_fiches(establishment_id: int, rows: SchoolRows) -> Comparison:
    """Find the likely duplicates among all the fiches of an establishment; asks no database, which nobody waits for.

    The parameters of the base are estimated from these fiches.
    """
    fiches = fiches_in(rows)
    found = find_duplicates(fiches)
    return Comparison(establishment_id, rows, found.parameters, described(fiches, found))


def keep_comparison(session: Session, comparison: Comparison, now: datetime) -> int:
    """`refresh_pairs` with what was compared before the transaction began. The establishment is locked first.

    Raises:
        FichesChangedMeanwhile: nothing was changed.
    """
    lock_establishment(session, comparison.establishment_id)
    if read_school(session, comparison.establishment_id) != comparison.rows:
        raise FichesChangedMeanwhile
    return _keep_all(session, comparison, now)


def refresh_pairs(
    session: Session, establishment_id: int, now: datetime, changed: Collection[int] | None = None
) -> int:
    """Find the likely duplicates of an establishment again; returns how many were not known before (R12).

    With `changed`, the numbers of the fiches that changed, only these are looked at and those that are, or were, like
    them: enough after a few changes. The parameters are then those that were estimated last, so that nothing else that
    is shown shifts. A pair keeps the time of its first detection. The establishment is locked first.
    """
    lock_establishment(session, establishment_id)
    rows = read_school(session, establishment_id)
    parameters = None if changed is None else stored_parameters(session, establishment_id)
    if changed is None or parameters is None:
        comparison = compare_fiches(establishment_id, rows)
        if changed is None:
            return _keep_all(session, comparison, now)
        parameters = comparison.parameters
        store_parameters(session, establishment_id, parameters, now)
    fiches = fiches_in(rows)
    touched = {number for ids in _known(session, establishment_id, changed) for number in ids} | set(changed)
    found = find_duplicates(fiches, np.isin(fiches.ids, list(touched)), parameters)
    looked_at = touched.union(fiches.ids[found.looked_at].tolist())
    return _keep(session, establishment_id, described(fiches, found), looked_at, now)


def _keep_all(session: Session, comparison: Comparison, now: datetime) -> int:
    store_parameters(session, comparison.establishment_id, comparison.parameters, now)
    return _keep(session, comparison.establishment_id, comparison.found, None, now)


def _keep(
    session: Session,
    establishment_id: int,
    found: dict[_Ids, Description],
    looked_at: Collection[int] | None,
    now: datetime,
) -> int:
    """Bring the table in line with `found`; pairs of which no fiche was looked at are left as they are."""
    known = _known(session, establishment_id, looked_at)
    _remove(session, [number for ids, (number, _) in known.items() if ids not in found])
    _update(session, known, found)
    fresh = [ids for ids in found if ids not in known]
    _add(session, establishment_id, {ids: found[ids] for ids in fresh}, now)
    return len(fresh)


def _known(
    session: Session, establishment_id: int, fiches: Collection[int] | None
) -> dict[_Ids, tuple[int, Description]]:
    query = select(DuplicatePair).where(DuplicatePair.establishment_id == establishment_id)
    parts: Iterable[Any] = [query]
    if fiches is not None:
        parts = [
            query.where(or_(DuplicatePair.first_id.in_(those), DuplicatePair.second_id.in_(those)))
            for those in _lots(sorted(fiches))
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
