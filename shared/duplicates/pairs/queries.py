"""Fiches of one establishment that are likely the same person, surest first (R11, R12)."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from shared.duplicates.standing.decisions import is_told_apart
from shared.models.duplicates import DuplicatePair
from shared.models.school import Guardian

PAGE = 50
FIRST_PAGE = (0, 0)


@dataclass(frozen=True)
class Pair:
    """Two fiches, how sure it is that they are one person (0 to 1), why, and what speaks against, for staff."""

    first: Guardian
    second: Guardian
    confidence: float
    reasons: tuple[str, ...]
    against: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[int, int]:
        """Where the next page begins, after this pair."""
        return self.first.id, self.second.id


def count_untreated(session: Session, establishment_id: int, *conditions: ColumnElement[bool]) -> int:
    """How many likely duplicates of an establishment nobody has treated yet (R11); those of `conditions` only."""
    first, second = aliased(Guardian), aliased(Guardian)
    counted = (
        select(func.count())
        .select_from(DuplicatePair)
        .join(first, first.id == DuplicatePair.first_id)
        .join(second, second.id == DuplicatePair.second_id)
        .where(DuplicatePair.establishment_id == establishment_id, *undecided(establishment_id, first, second))
        .where(*conditions)
    )
    return session.scalar(counted) or 0


def likely_duplicates(
    session: Session, establishment_id: int, *, after: tuple[int, int] = FIRST_PAGE, limit: int | None = PAGE
) -> list[Pair]:
    """The pairs that nobody has treated yet, surest first, `limit` at a time (all when None), in two queries at most.

    After a pair that is no longer known, the list begins again.
    """
    first, second = aliased(Guardian), aliased(Guardian)
    order = (DuplicatePair.confidence, DuplicatePair.first_id, DuplicatePair.second_id)
    rows = session.execute(
        select(DuplicatePair, first, second)
        .join(first, first.id == DuplicatePair.first_id)
        .join(second, second.id == DuplicatePair.second_id)
        .where(DuplicatePair.establishment_id == establishment_id, *undecided(establishment_id, first, second))
        .where(*_beyond(session, establishment_id, after))
        .order_by(*(column.desc() for column in order))
        .limit(limit)
    ).all()
    return [
        Pair(one, other, found.confidence, tuple(found.reasons), tuple(found.against)) for found, one, other in rows
    ]


def undecided(establishment_id: int, first: type[Guardian], second: type[Guardian]) -> tuple[ColumnElement[bool], ...]:
    """What a pair must be to be shown: neither absorbed, gone, nor told apart by staff (R13)."""
    told_apart = is_told_apart(establishment_id, DuplicatePair.first_id, DuplicatePair.second_id)
    return first.gone_at.is_(None), second.gone_at.is_(None), ~told_apart


def _beyond(session: Session, establishment_id: int, after: tuple[int, int]) -> tuple[ColumnElement[bool], ...]:
    if after == FIRST_PAGE:
        return ()
    ids = tuple_(DuplicatePair.first_id, DuplicatePair.second_id)
    confidence = session.scalar(
        select(DuplicatePair.confidence).where(DuplicatePair.establishment_id == establishment_id, ids == after)
    )
    if confidence is None:
        return ()
    column = DuplicatePair.confidence
    return (or_(column < confidence, and_(column == confidence, ids < after)),)
