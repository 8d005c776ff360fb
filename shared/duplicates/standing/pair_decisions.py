"""Decisions of staff about two fiches, looked up for the fiches that are shown today, and undone (R13).

A decision is kept by the numbers of the fiches, which an import never changes; for a fiche absorbed since, it holds for
the one that absorbed it.
"""

from collections.abc import Collection, Sequence
from functools import cache
from itertools import combinations
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from shared.acting.desk import Desk
from shared.duplicates.standing.errors import AlreadyTreated, AlreadyUndone, FichesNotFound
from shared.models.fusions import DistinctFiches, ReferredFiches, SetAsideFiche
from shared.models.school import Guardian
from shared.rows.prepared import Number

Decision = TypeVar("Decision", DistinctFiches, ReferredFiches)


def decided_pairs(
    session: Session, kind: type[Decision], establishment_id: int, guardian_ids: Collection[int]
) -> set[tuple[int, int]]:
    """The pairs of these fiches that a standing decision of this kind is about, each in order."""
    first, second, pairs = shown_pairs(kind, establishment_id)
    rows = session.execute(pairs.where(first.in_(guardian_ids), second.in_(guardian_ids)))
    return {(min(one, other), max(one, other)) for one, other in rows}


def undecided_pairs(
    session: Session, kind: type[Decision], establishment_id: int, guardians: Sequence[Guardian]
) -> list[tuple[Guardian, Guardian]]:
    """The pairs of these fiches that no standing decision of this kind is about, in the order of the fiches.

    Raises:
        AlreadyTreated: all of this was decided before.
    """
    known = decided_pairs(session, kind, establishment_id, [guardian.id for guardian in guardians])
    fresh = [pair for pair in combinations(guardians, 2) if (pair[0].id, pair[1].id) not in known]
    if not fresh:
        raise AlreadyTreated
    return fresh


def is_decided(
    kind: type[Decision],
    establishment_id: Number,
    first_id: SQLColumnExpression[int],
    second_id: SQLColumnExpression[int],
) -> ColumnElement[bool]:
    """Whether a standing decision of this kind is about two fiches, in the order of their numbers.

    The decisions are read once, whatever the number of pairs that they are looked up for.
    """
    first, second, pairs = shown_pairs(kind, establishment_id)
    low, high = in_order(first, second)
    return tuple_(first_id, second_id).in_(pairs.with_only_columns(low, high).correlate(None))


def in_order(first: ColumnElement[int], second: ColumnElement[int]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """The lower number, then the higher."""
    return case((first < second, first), else_=second), case((first < second, second), else_=first)


def shown_pairs(
    kind: type[Decision], establishment_id: Number
) -> tuple[ColumnElement[int], ColumnElement[int], Select[int, int]]:
    """The fiches of each standing decision, or those that absorbed them since."""
    one, other = _absorbed()
    first = func.coalesce(one.merged_into_id, kind.first_id)
    second = func.coalesce(other.merged_into_id, kind.second_id)
    pairs = (
        select(first, second)
        .select_from(kind)
        .outerjoin(one, one.guardian_id == kind.first_id)
        .outerjoin(other, other.guardian_id == kind.second_id)
        .where(and_(kind.establishment_id == establishment_id, kind.undone_at.is_(None)))
    )
    return first, second, pairs


@cache
def _absorbed() -> tuple[type[SetAsideFiche], type[SetAsideFiche]]:
    """What became of the two fiches of a decision, named once."""
    return aliased(SetAsideFiche), aliased(SetAsideFiche)


def undo_decisions(desk: Desk, kind: type[Decision], decision_ids: Collection[int]) -> Sequence[Decision]:
    """Mark these decisions as undone, all or none. The caller locked the establishment.

    Raises:
        FichesNotFound: the establishment has no such decision, or none is asked for.
        AlreadyUndone: somebody undid one before.
    """
    wanted = set(decision_ids)
    found = desk.session.scalars(
        select(kind).where(kind.id.in_(wanted), kind.establishment_id == desk.establishment_id).order_by(kind.id),
        execution_options={"populate_existing": True},
    ).all()
    if not wanted or len(found) != len(wanted):
        raise FichesNotFound
    if any(decision.undone_at is not None for decision in found):
        raise AlreadyUndone
    for decision in found:
        decision.undone_at, decision.undone_by = desk.now, desk.actor.name
    return found
