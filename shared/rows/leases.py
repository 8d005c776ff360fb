"""Work that one worker holds at a time: another's once the lease has run out, which whoever held it is told (R18)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, inspect, update
from sqlalchemy.orm import Session

from shared.database import Base

LEASE = timedelta(minutes=5)
"""Longer than anything that is done between two renewals."""


class LeaseLost(Exception):
    """What was held is another worker's, or nobody's any more: what was done of it is left to that one, or undone."""


def still_held(
    session: Session,
    rows: type[Base],
    ids: Collection[int],
    held: Sequence[ColumnElement[bool]],
    values: Mapping[str, Any],
) -> list[int]:
    """Write `values` to those of these rows that are `held` still, at this very moment; returns which those are."""
    number = inspect(rows).columns.id
    mine = update(rows).where(number.in_(ids), *held).values(values).returning(number)
    return list(session.scalars(mine, execution_options={"synchronize_session": False}))


def write_held(
    session: Session,
    rows: type[Base],
    ids: Collection[int],
    held: Sequence[ColumnElement[bool]],
    values: Mapping[str, Any],
) -> None:
    """The same of all of them; the caller ends the transaction without it otherwise.

    Raises:
        LeaseLost: one is not `held` any more.
    """
    if len(still_held(session, rows, ids, held, values)) != len(ids):
        raise LeaseLost
