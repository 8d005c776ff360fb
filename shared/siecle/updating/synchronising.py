"""Brings one table of the school base in line with what was read, in four statements whatever the number of rows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    FromClause,
    Table,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import UpdateBase

from shared.siecle.report import Counts


@dataclass(frozen=True)
class Target:
    """The rows of one establishment in a table of the school base."""

    table: Table
    establishment_id: int
    keys: Sequence[str]
    """Columns that name a row in what was read and in the base alike."""
    keys_of_one_school: bool = True
    """Whether another school may use the same keys. Where none can, asking for the establishment as well would lead
    PostgreSQL, when its statistics are old, to go through every row of the school for each record."""

    @property
    def rows(self) -> ColumnElement[bool]:
        """The rows of the establishment."""
        return self.table.c.establishment_id == self.establishment_id

    def matches(self, ready: FromClause) -> ColumnElement[bool]:
        """A row of the base and one of `ready` are the same record."""
        same = _all_equal(self.table, ready, self.keys)
        return self.rows & same if self.keys_of_one_school else same


def _all_equal(left: FromClause, right: FromClause, names: Sequence[str]) -> ColumnElement[bool]:
    first, *others = (left.c[name] == right.c[name] for name in names)
    for other in others:
        first &= other
    return first


def take_in(
    session: Session,
    target: Target,
    ready: FromClause,
    values: Sequence[str],
    counts: Counts,
    *,
    never_forgotten: Collection[str] = (),
) -> bool:
    """Update the rows of which one of `values` differs or which had gone, and add those that are new.

    Other columns, which hold what staff and accounts decided, stay as they are; so do those `never_forgotten` of which
    nothing was read. Returns whether the establishment had any row before: without one, none can be gone.
    """
    table = target.table
    had_rows = bool(session.scalar(select(exists(select(table.c.id).where(target.rows)))))
    if had_rows:
        _update(session, target, ready, values, counts, never_forgotten)
    columns = [*target.keys, *values]
    new = select(literal(target.establishment_id), *(ready.c[name] for name in columns)).where(
        ~exists(select(table.c.id).where(target.matches(ready)))
    )
    counts.created += _rows(session, insert(table).from_select(["establishment_id", *columns], new))
    return had_rows


def _update(
    session: Session,
    target: Target,
    ready: FromClause,
    values: Sequence[str],
    counts: Counts,
    never_forgotten: Collection[str],
) -> None:
    table = target.table
    read = {
        name: func.coalesce(ready.c[name], table.c[name]) if name in never_forgotten else ready.c[name]
        for name in values
    }
    differs = or_(table.c.gone_at.is_not(None), *(table.c[name].is_distinct_from(read[name]) for name in values))
    counts.updated += _rows(
        session,
        update(table).where(target.matches(ready), differs).values({"gone_at": None} | read),
    )


def mark_gone(session: Session, target: Target, spared: ColumnElement[bool], now: datetime, counts: Counts) -> None:
    """Mark as gone the rows of the establishment that are not `spared`; nothing is deleted."""
    table = target.table
    counts.gone += _rows(
        session, update(table).where(target.rows, table.c.gone_at.is_(None), ~spared).values(gone_at=now)
    )


def _rows(session: Session, statement: UpdateBase) -> int:
    result = session.execute(statement, execution_options={"preserve_rowcount": True})
    return cast("CursorResult[Any]", result).rowcount
