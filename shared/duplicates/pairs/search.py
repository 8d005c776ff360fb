"""Likely duplicates looked up by last and first name, as a secretary looks for somebody (R12)."""

from sqlalchemy import ColumnElement, and_, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from shared.accounts.directory.listing import begins
from shared.duplicates.pairs.queries import FIRST_PAGE, PAGE, Pair, pair_of, undecided
from shared.models.duplicates import DuplicatePair
from shared.models.school import Guardian
from shared.persons.names import fold

_PairOfFiches = tuple[type[Guardian], type[Guardian]]


def duplicates_by_name(
    session: Session,
    establishment_id: int,
    letters: str = "",
    *,
    after: tuple[int, int] = FIRST_PAGE,
    limit: int = PAGE,
) -> list[Pair]:
    """Up to `limit` pairs that nobody has treated yet, by last then first name, from after the pair `after`.

    `letters` keeps those of which a fiche begins with them, under its usage or its birth name; accents, capitals
    and hyphens do not count. After a pair that is no longer known, the list begins again. Two queries at most.
    """
    first, second = fiches = aliased(Guardian), aliased(Guardian)
    rows = session.execute(
        select(DuplicatePair, first, second)
        .join(first, first.id == DuplicatePair.first_id)
        .join(second, second.id == DuplicatePair.second_id)
        .where(DuplicatePair.establishment_id == establishment_id, *undecided(establishment_id, first, second))
        .where(*_named(fiches, letters), *_beyond(session, establishment_id, first, after))
        .order_by(first.name_key, DuplicatePair.first_id, DuplicatePair.second_id)
        .limit(limit)
    ).all()
    return [pair_of(found, one, other) for found, one, other in rows]


def _named(fiches: _PairOfFiches, letters: str) -> tuple[ColumnElement[bool], ...]:
    if not letters.strip():
        return ()
    key = fold(letters)
    names = [name for fiche in fiches for name in (fiche.name_key, fiche.birth_name_key)]
    return (or_(*(begins(name, key) for name in names)),)


def _beyond(
    session: Session, establishment_id: int, first: type[Guardian], after: tuple[int, int]
) -> tuple[ColumnElement[bool], ...]:
    if after == FIRST_PAGE:
        return ()
    this = Guardian.id == after[0], Guardian.establishment_id == establishment_id
    name_key = session.scalar(select(Guardian.name_key).where(*this))
    if name_key is None:
        return ()
    ids = tuple_(DuplicatePair.first_id, DuplicatePair.second_id)
    return (or_(first.name_key > name_key, and_(first.name_key == name_key, ids > after)),)
