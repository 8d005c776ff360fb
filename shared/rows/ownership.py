"""Rows of one establishment: another's is as if there were none (R4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import ORMOption

from shared.database import Base

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True)
class RowsOfSchools(Generic[Row]):
    """Rows of one table, each of one establishment, found by their number; `missing` is raised where there is none."""

    model: type[Row]
    missing: Callable[[], Exception]

    def find(
        self,
        session: Session,
        establishment_id: int,
        number: int,
        *,
        fresh: bool = False,
        options: Sequence[ORMOption] = (),
    ) -> Row:
        """The row of this number, if it is one of this establishment; with `fresh`, as it is now.

        Raises:
            what `missing` makes: there is none, or it is another establishment's.
        """
        found = session.get(self.model, number, populate_existing=fresh, options=options)
        owner: Any = getattr(found, "establishment_id", None)
        if found is None or owner != establishment_id:
            raise self.missing()
        return found

    def lock(self, session: Session, establishment_id: int, number: int) -> Row:
        """The same as it is now, and nobody else's to change until the transaction ends.

        Raises:
            what `missing` makes: there is none, or it is another establishment's.
        """
        columns = inspect(self.model).columns
        own = select(self.model).where(columns.id == number, columns.establishment_id == establishment_id)
        found = session.scalars(own.with_for_update(), execution_options={"populate_existing": True}).one_or_none()
        if found is None:
            raise self.missing()
        return found
