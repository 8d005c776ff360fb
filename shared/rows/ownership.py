"""Rows of one establishment: another's is as if there were none (R4)."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import ORMOption

from shared.database import Base

Row = TypeVar("Row", bound=Base)


def row_of_school(
    session: Session,
    model: type[Row],
    establishment_id: int,
    number: int,
    missing: Callable[[], Exception],
    *,
    lock: bool = False,
    fresh: bool = False,
    options: Sequence[ORMOption] = (),
) -> Row:
    """The row of this number, if it is one of this establishment.

    With `lock`, as it is now, and nobody else's to change until the transaction ends; with `fresh`, as it is now.

    Raises:
        what `missing` makes: there is none, or it is another establishment's.
    """
    columns = inspect(model).columns
    if lock:
        own = select(model).where(columns.id == number, columns.establishment_id == establishment_id)
        found = session.scalars(own.with_for_update(), execution_options={"populate_existing": True}).one_or_none()
    else:
        found = session.get(model, number, populate_existing=fresh, options=options)
    owner: Any = getattr(found, "establishment_id", None)
    if found is None or owner != establishment_id:
        raise missing()
    return found
