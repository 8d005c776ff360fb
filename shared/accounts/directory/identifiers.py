"""Identifiers: `p.nom`, `p.nom1`, `p.nom2`…, each given once in the life of the académie (R2)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.database import insert_or
from shared.models.accounts import Identifier, IdentifierSeries
from shared.models.background import Restoration
from shared.persons.names import fold

BASE_LENGTH = 40
NAMELESS = "compte"
ROWS_AT_ONCE = 5_000


def identifier_base(last_name: str, first_name: str) -> str:
    """First letter of the first name, a dot, the last name: `Noël D'ARTAGNAN-PAYET` → `n.dartagnanpayet` (R2).

    A missing part is left out together with the dot; with no letter at all the base is `compte`.
    """
    last = fold(last_name).replace(" ", "")
    initial = fold(first_name)[:1]
    return ".".join(part for part in (initial, last) if part)[:BASE_LENGTH] or NAMELESS


def give_identifiers(session: Session, bases: Sequence[str], now: datetime) -> list[str]:
    """One new identifier for each base, in the same order, never given before and never given again.

    The number of statements grows with the number of rows over some thousands, not with the number of accounts. Each
    series is locked in alphabetical order until the transaction ends, so that two establishments generating at once
    wait for each other rather than meet. After a restoration, series begin above whatever was given since the copy.
    """
    first = session.scalar(select(func.max(Restoration.first_index))) or 0
    given: list[str] = []
    for start in range(0, len(bases), ROWS_AT_ONCE):
        given += _give(session, bases[start : start + ROWS_AT_ONCE], first, now)
    return given


def reserve_identifiers(session: Session, identifiers: Iterable[str], now: datetime) -> None:
    """Never give these: they were given by a directory that was lost."""
    chosen = sorted(set(identifiers))
    for start in range(0, len(chosen), ROWS_AT_ONCE):
        rows = [{"value": value, "given_at": now} for value in chosen[start : start + ROWS_AT_ONCE]]
        session.execute(insert_or(session, Identifier).on_conflict_do_nothing(), rows)


def skip_indexes(session: Session, number: int) -> None:
    """Let every series that there is leave out its next `number` identifiers."""
    session.execute(update(IdentifierSeries).values(next_index=IdentifierSeries.next_index + number))


def _give(session: Session, bases: Sequence[str], first: int, now: datetime) -> list[str]:
    given = [""] * len(bases)
    places = list(range(len(bases)))
    # A second turn is needed only where the name itself ends with digits: `p.nom1` may be the second of `p.nom`.
    while places:
        wanted = _next_of_each_series(session, [bases[place] for place in places], first)
        fresh = _keep_unused(session, wanted, now)
        for place, identifier in zip(places, wanted, strict=True):
            if identifier in fresh:
                fresh.remove(identifier)
                given[place] = identifier
        places = [place for place in places if not given[place]]
    return given


def _next_of_each_series(session: Session, bases: Sequence[str], first: int) -> list[str]:
    counts = Counter(bases)
    rows = [{"base": base, "next_index": first + counts[base]} for base in sorted(counts)]
    insert = insert_or(session, IdentifierSeries)
    advance = insert.on_conflict_do_update(
        index_elements=[IdentifierSeries.base],
        set_={"next_index": IdentifierSeries.next_index + insert.excluded.next_index - first},
    )
    moved = session.execute(advance.returning(IdentifierSeries.base, IdentifierSeries.next_index), rows)
    after = dict(moved.all())
    following = {base: after[base] - counts[base] for base in counts}
    identifiers = []
    for base in bases:
        index = following[base]
        following[base] += 1
        identifiers.append(f"{base}{index}" if index else base)
    return identifiers


def _keep_unused(session: Session, identifiers: Sequence[str], now: datetime) -> set[str]:
    rows = [{"value": value, "given_at": now} for value in sorted(set(identifiers))]
    added = insert_or(session, Identifier).on_conflict_do_nothing().returning(Identifier.value)
    return set(session.scalars(added, rows))
