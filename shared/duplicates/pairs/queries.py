"""Fiches of one establishment that are likely the same person, surest first, those left for later last (R11, R12)."""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from shared.duplicates.standing.pair_decisions import in_order, is_decided, shown_pairs
from shared.models.duplicates import DuplicatePair
from shared.models.fusions import DistinctFiches, Referral, ReferredFiches
from shared.models.school import Guardian
from shared.rows.prepared import ESTABLISHMENT_ID, Number, Prepared

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
    times_skipped: int = 0
    referral: Referral | None = None
    """Who settles it, when staff said that it is not settled here."""

    @property
    def key(self) -> tuple[int, int]:
        """The two fiches: where the next page begins, after this pair."""
        return self.first.id, self.second.id


@dataclass(frozen=True)
class Position:
    """A place in the list of likely duplicates, which stays where it is when its pair is treated or moves."""

    times_skipped: int
    confidence: float
    key: tuple[int, int]


BEGINNING = Position(-1, 0, FIRST_PAGE)


@cache
def _fiches() -> tuple[type[Guardian], type[Guardian]]:
    """The two fiches of a pair, named once: to name forty columns of each takes longer than to ask for one school."""
    return aliased(Guardian), aliased(Guardian)


def count_untreated(session: Session, establishment_id: int, *conditions: ColumnElement[bool]) -> int:
    """How many likely duplicates of an establishment nobody has treated yet (R11); those of `conditions` only."""
    if not conditions:
        return _every_untreated().number(session, establishment_id=establishment_id)
    return session.scalar(_untreated().where(*conditions), {ESTABLISHMENT_ID.key: establishment_id}) or 0


@cache
def _every_untreated() -> Prepared:
    return Prepared(_untreated())


@cache
def _untreated() -> Select[int]:
    first, second = _fiches()
    return (
        select(func.count())
        .select_from(DuplicatePair)
        .join(first, first.id == DuplicatePair.first_id)
        .join(second, second.id == DuplicatePair.second_id)
        .where(DuplicatePair.establishment_id == ESTABLISHMENT_ID, *undecided(ESTABLISHMENT_ID, first, second))
    )


def count_skipped(session: Session, establishment_id: int) -> int:
    """How many of them staff left for later."""
    return count_untreated(session, establishment_id, DuplicatePair.times_skipped > 0)


def likely_duplicates(
    session: Session, establishment_id: int, *, after: Position = BEGINNING, limit: int | None = PAGE
) -> list[Pair]:
    """The pairs that nobody has treated yet, `limit` at a time (all when None), in one query.

    Surest first; those that staff left for later come last, the more often the later.
    """
    first, second = _fiches()
    order = (DuplicatePair.confidence, DuplicatePair.first_id, DuplicatePair.second_id)
    rows = session.execute(
        select(DuplicatePair, first, second)
        .join(first, first.id == DuplicatePair.first_id)
        .join(second, second.id == DuplicatePair.second_id)
        .where(DuplicatePair.establishment_id == establishment_id, *undecided(establishment_id, first, second))
        .where(*_beyond(after))
        .order_by(DuplicatePair.times_skipped, *(column.desc() for column in order))
        .limit(limit)
    ).all()
    return [pair_of(found, one, other) for found, one, other in rows]


def referred_duplicates(session: Session, establishment_id: int) -> list[Pair]:
    """The pairs that staff left to the parent or to SIECLE and that still look alike, surest first, in one query."""
    first, second = _fiches()
    one, other, decided = shown_pairs(ReferredFiches, establishment_id)
    low, high = (column.label(name) for column, name in zip(in_order(one, other), ("low", "high"), strict=True))
    # Two decisions are about one pair when a fiche of the second was absorbed by one of the first.
    referred = (
        decided.with_only_columns(low, high, func.min(ReferredFiches.referral).label("referral"))
        .group_by(low, high)
        .subquery()
    )
    rows = session.execute(
        select(DuplicatePair, first, second, referred.c.referral)
        .join(referred, and_(referred.c.low == DuplicatePair.first_id, referred.c.high == DuplicatePair.second_id))
        .join(first, first.id == DuplicatePair.first_id)
        .join(second, second.id == DuplicatePair.second_id)
        .where(DuplicatePair.establishment_id == establishment_id, first.gone_at.is_(None), second.gone_at.is_(None))
        .order_by(DuplicatePair.confidence.desc(), DuplicatePair.first_id, DuplicatePair.second_id)
    )
    return [pair_of(found, guardian, same, referral) for found, guardian, same, referral in rows]


def undecided(
    establishment_id: Number, first: type[Guardian], second: type[Guardian]
) -> tuple[ColumnElement[bool], ...]:
    """What a pair must be to be shown: neither absorbed, gone, told apart by staff, nor settled elsewhere (R13)."""
    ids = DuplicatePair.first_id, DuplicatePair.second_id
    told_apart = is_decided(DistinctFiches, establishment_id, *ids)
    referred = is_decided(ReferredFiches, establishment_id, *ids)
    return first.gone_at.is_(None), second.gone_at.is_(None), ~told_apart, ~referred


def position_of(session: Session, establishment_id: int, key: tuple[int, int]) -> Position:
    """Where a pair is in the list; the beginning for one that is not known, or no longer."""
    ids = tuple_(DuplicatePair.first_id, DuplicatePair.second_id)
    found = session.execute(
        select(DuplicatePair.times_skipped, DuplicatePair.confidence).where(
            DuplicatePair.establishment_id == establishment_id, ids == key
        )
    ).one_or_none()
    return BEGINNING if found is None else Position(found.times_skipped, found.confidence, key)


def pair_of(found: DuplicatePair, first: Guardian, second: Guardian, referral: Referral | None = None) -> Pair:
    """What staff see of a row."""
    return Pair(
        first, second, found.confidence, tuple(found.reasons), tuple(found.against), found.times_skipped, referral
    )


def _beyond(after: Position) -> tuple[ColumnElement[bool], ...]:
    if after == BEGINNING:
        return ()
    ids = tuple_(DuplicatePair.first_id, DuplicatePair.second_id)
    skipped, confidence = DuplicatePair.times_skipped, DuplicatePair.confidence
    less_sure = or_(confidence < after.confidence, and_(confidence == after.confidence, ids < after.key))
    return (or_(skipped > after.times_skipped, and_(skipped == after.times_skipped, less_sure)),)
