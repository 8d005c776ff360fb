"""Two people editing the same thing: the second one is told, and overwrites nothing."""

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import Table, inspect, update
from sqlalchemy.orm import Session


class ChangedMeanwhile(Exception):
    """Somebody else changed this row, or removed it, since the version that was shown."""


class Versioned(Protocol):
    """A row that several people may edit."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def version(self) -> int:
        """Grows with each change."""


def save_if_unchanged(session: Session, row: Versioned, version: int, values: Mapping[str, Any]) -> None:
    """Write `values` to `row` if it is still at `version`, whoever else writes at this moment; `row` shows them then.

    Raises:
        ChangedMeanwhile: it is not, and nothing was written.
    """
    table: Table = inspect(type(row)).local_table
    unchanged = update(table).where(table.c.id == row.id, table.c.version == version)
    written = session.execute(unchanged.values(**values, version=version + 1).returning(table.c.id)).all()
    if not written:
        raise ChangedMeanwhile
    session.refresh(row)
