"""Lists paged by key, never by offset: a page begins after the last row of the one before, however far that is."""

from typing import Any, Protocol, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

_DIGITS = 9
"""Of a number in a key: more than any row has, and no more than a column holds."""


Columns = TypeVarTuple("Columns")


class Named(Protocol):
    """A fiche: a student or a guardian."""

    id: Any
    name_key: Any


def newest(
    rows: Select[*Columns], number: InstrumentedAttribute[int], before_id: int | None, limit: int | None
) -> Select[*Columns]:
    """At most `limit` of `rows`, the newest first: those from before the one that is numbered `before_id`."""
    if before_id is not None:
        rows = rows.where(number < before_id)
    return rows.order_by(number.desc()).limit(limit)


def by_name(
    rows: Select[*Columns],
    fiche: Any,  # noqa: ANN401 - a table of fiches
    limit: int,
    *,
    after: str = "",
) -> Select[*Columns]:
    """At most `limit` of `rows` by the names of their fiches, from after the key `after`.

    A key that is none begins the list.
    """
    name_key, _, number = after.rpartition("|")
    if number.isascii() and number.isdigit():
        rows = rows.where(*_beyond(fiche, name_key, int(number[:_DIGITS])))
    return rows.order_by(fiche.name_key, fiche.id).limit(limit)


def name_key(fiche: Named) -> str:
    """The key of the page that begins after `fiche`, in the order of names."""
    return f"{fiche.name_key}|{fiche.id}"


def _beyond(
    fiche: Any,  # noqa: ANN401 - a table of fiches
    name_key: str,
    number: int,
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    # The first condition alone would do for the index; the second settles those of the same name.
    same = and_(fiche.name_key == name_key, fiche.id > number)
    return fiche.name_key >= name_key, or_(fiche.name_key > name_key, same)
