"""« Pas un doublon »: fiches that staff know to be two persons, remembered across imports (R13)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import combinations

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from shared.duplicates.standing.errors import AlreadyTreated, AlreadyUndone, FichesNotFound, ToldApart
from shared.duplicates.standing.locks import find_guardians, lock_establishment, refuse_unless_as_shown
from shared.journal import Actor, record
from shared.models.fusions import DistinctFiches, SetAsideFiche
from shared.models.journal import Action
from shared.models.school import Guardian


def not_a_duplicate(
    session: Session,
    establishment_id: int,
    guardian_ids: Collection[int],
    *,
    seen: Mapping[int, str] | None = None,
    now: datetime,
    actor: Actor,
) -> list[DistinctFiches]:
    """Remember that these fiches, two or more, are as many persons; returns what was not known before.

    It is kept by the numbers of the fiches, which an import never changes, and holds for the fiches that absorb them.

    Raises:
        FichesNotFound: one of them is another establishment's.
        AlreadyTreated: one of them was absorbed or has left, or all of this was decided before.
        FichesChanged: they are no longer those that were shown.
    """
    lock_establishment(session, establishment_id)
    guardians = find_guardians(session, establishment_id, guardian_ids)
    if len(guardians) < 2:
        raise FichesNotFound
    refuse_unless_as_shown(session, guardians, seen)
    known = told_apart(session, establishment_id, [guardian.id for guardian in guardians])
    fresh = [pair for pair in combinations(guardians, 2) if (pair[0].id, pair[1].id) not in known]
    if not fresh:
        raise AlreadyTreated
    decisions = [_decision(first, second, now, actor) for first, second in fresh]
    session.add_all(decisions)
    _note(session, Action.NOT_A_DUPLICATE, establishment_id, guardians, now, actor)
    session.flush()
    return decisions


def undo_not_a_duplicate(
    session: Session, establishment_id: int, decision_id: int, now: datetime, actor: Actor
) -> DistinctFiches:
    """Forget that two fiches are two persons: they are shown again when they look alike.

    Raises:
        FichesNotFound: the establishment has no such decision.
        AlreadyUndone: somebody did before.
    """
    lock_establishment(session, establishment_id)
    decision = session.get(DistinctFiches, decision_id, populate_existing=True)
    if decision is None or decision.establishment_id != establishment_id:
        raise FichesNotFound
    if decision.undone_at is not None:
        raise AlreadyUndone
    decision.undone_at, decision.undone_by = now, actor.name
    guardians = find_guardians(session, establishment_id, [decision.first_id, decision.second_id])
    _note(session, Action.NOT_A_DUPLICATE_UNDONE, establishment_id, guardians, now, actor)
    session.flush()
    return decision


def told_apart(session: Session, establishment_id: int, guardian_ids: Collection[int]) -> set[tuple[int, int]]:
    """The pairs of these fiches that staff said to be two persons, each in order."""
    first, second, pairs = _shown_pairs(establishment_id)
    rows = session.execute(pairs.where(first.in_(guardian_ids), second.in_(guardian_ids)))
    return {(min(one, other), max(one, other)) for one, other in rows}


def refuse_told_apart(session: Session, establishment_id: int, guardians: Iterable[Guardian]) -> None:
    """Refuse to fuse what staff said to be two persons.

    Raises:
        ToldApart: two of them are.
    """
    by_id = {guardian.id: guardian for guardian in guardians}
    for first, second in sorted(told_apart(session, establishment_id, list(by_id))):
        raise ToldApart(by_id[first], by_id[second])


def is_told_apart(
    establishment_id: int, first_id: SQLColumnExpression[int], second_id: SQLColumnExpression[int]
) -> ColumnElement[bool]:
    """Whether staff said of two fiches, in the order of their numbers, that they are two persons.

    The decisions are read once, whatever the number of pairs that they are looked up for.
    """
    first, second, pairs = _shown_pairs(establishment_id)
    low, high = case((first < second, first), else_=second), case((first < second, second), else_=first)
    return tuple_(first_id, second_id).in_(pairs.with_only_columns(low, high).correlate(None))


def _shown_pairs(establishment_id: int) -> tuple[ColumnElement[int], ColumnElement[int], Select[int, int]]:
    """The fiches of each standing decision, or those that absorbed them since."""
    one, other = aliased(SetAsideFiche), aliased(SetAsideFiche)
    first = func.coalesce(one.merged_into_id, DistinctFiches.first_id)
    second = func.coalesce(other.merged_into_id, DistinctFiches.second_id)
    pairs = (
        select(first, second)
        .select_from(DistinctFiches)
        .outerjoin(one, one.guardian_id == DistinctFiches.first_id)
        .outerjoin(other, other.guardian_id == DistinctFiches.second_id)
        .where(and_(DistinctFiches.establishment_id == establishment_id, DistinctFiches.undone_at.is_(None)))
    )
    return first, second, pairs


def _decision(first: Guardian, second: Guardian, now: datetime, actor: Actor) -> DistinctFiches:
    return DistinctFiches(
        establishment_id=first.establishment_id,
        first_id=first.id,
        second_id=second.id,
        decided_at=now,
        decided_by=actor.name,
    )


def _note(
    session: Session, action: Action, establishment_id: int, guardians: Iterable[Guardian], now: datetime, actor: Actor
) -> None:
    fiches = ", ".join(f"{guardian.full_name} ({guardian.shown_key})" for guardian in guardians)
    record(session, action, actor, now, establishment_id=establishment_id, subject=fiches)
