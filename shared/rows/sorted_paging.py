"""A list read page by page, each page beginning beside a row: the last page costs what the first one does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, literal, or_, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

Row = TypeVar("Row")


@dataclass(frozen=True)
class SortKey:
    """One thing that rows are sorted by; never NULL where rows are compared."""

    column: SQLColumnExpression[Any]
    descending: bool = False


@dataclass(frozen=True)
class Place:
    """Beside which row a page begins, by its number; at the start of the list without any."""

    after: int | None = None
    before: int | None = None


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """The rows of one page, and the numbers of those beside which the pages around it begin."""

    rows: list[Row]
    previous: int | None
    next: int | None


def sort_keys(column: SQLColumnExpression[Any], *, descending: bool, may_be_empty: bool) -> tuple[SortKey, ...]:
    """How rows are sorted by one column, both databases alike: those without a value come last, whatever the direction.

    `may_be_empty` tells whether the column holds NULL; where it does not, an index on it can be read in order.
    """
    key = SortKey(column, descending)
    return (SortKey(case((column.is_(None), 1), else_=0)), key) if may_be_empty else (key,)


def read_page(
    session: Session,
    rows: Select[Row],
    number: InstrumentedAttribute[int],
    keys: Sequence[SortKey],
    place: Place,
    size: int,
) -> Slice[Row]:
    """`size` rows of `rows`, sorted by `keys` then by `number`, from beside the row that `place` names.

    A row that `rows` does not hold, deleted or of somebody else, is no place: the list begins at its start.
    """
    all_keys = _settled(keys, number)
    backwards = place.before is not None
    wanted = rows
    values = _values_of(session, rows, number, all_keys, place)
    if values is not None:
        wanted = wanted.where(_beyond(all_keys, values, backwards=backwards))
    else:
        backwards = False
    order = [key.column.desc() if key.descending != backwards else key.column.asc() for key in all_keys]
    found = list(session.scalars(wanted.order_by(None).order_by(*order).limit(size + 1)).unique())
    return _slice(found, number.key, size, has_place=values is not None, backwards=backwards)


def _settled(keys: Sequence[SortKey], number: InstrumentedAttribute[int]) -> Sequence[SortKey]:
    """The keys with the number last: it settles between equals, in the direction of what is sorted."""
    if keys and keys[-1].column is number:
        return keys
    return (*keys, SortKey(number, keys[-1].descending if keys else False))


def _slice(found: list[Row], number: str, size: int, *, has_place: bool, backwards: bool) -> Slice[Row]:
    more, shown = len(found) > size, found[:size]
    if backwards:
        shown.reverse()
    has_previous, has_next = (more, True) if backwards else (has_place, more)
    first, last = (getattr(shown[0], number), getattr(shown[-1], number)) if shown else (None, None)
    return Slice(shown, first if has_previous else None, last if has_next else None)


def _values_of(
    session: Session,
    rows: Select[Row],
    number: InstrumentedAttribute[int],
    keys: Sequence[SortKey],
    place: Place,
) -> Sequence[Any] | None:
    """What the row that `place` names is sorted by, if it is one of `rows`."""
    beside = place.after if place.before is None else place.before
    if beside is None:
        return None
    of_row = rows.with_only_columns(*(key.column for key in keys), maintain_column_froms=True)
    return session.execute(of_row.where(number == beside).order_by(None)).first()


def _beyond(keys: Sequence[SortKey], values: Sequence[Any], *, backwards: bool) -> ColumnElement[bool]:
    """Whether a row comes after the one that has these values, or before it."""
    directions = {key.descending for key in keys}
    if len(directions) == 1 and None not in values:
        # One comparison of rows, which an index is read from.
        row, known = tuple_(*(key.column for key in keys)), tuple_(*map(_bound, keys, values))
        return row < known if (True in directions) != backwards else row > known
    ways = []
    for place, (key, value) in enumerate(zip(keys, values, strict=True)):
        same = [_same(former.column, known) for former, known in zip(keys[:place], values[:place], strict=True)]
        if value is None:
            # Rows without a value are told apart by the key before: among them, this one decides nothing.
            continue
        further = key.column < value if key.descending != backwards else key.column > value
        ways.append(and_(*same, further))
    return or_(*ways)


def _bound(key: SortKey, value: object) -> ColumnElement[Any]:
    return literal(value, cast("ColumnElement[Any]", key.column).type)


def _same(column: SQLColumnExpression[Any], value: object) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value
