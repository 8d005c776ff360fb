"""Two people editing the same thing: the second one is told, and overwrites nothing."""

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import Table, inspect, update
from sqlalchemy.orm import Session

from shared.database import Base, insert_or


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
    _write(session, type(row), {"id": row.id}, version, values)
    session.refresh(row)


def save_or_add(
    session: Session, model: type[Base], key: Mapping[str, Any], version: int, values: Mapping[str, Any]
) -> None:
    """The same of a row that may not be there yet, which its `key` names: `version` is 0 for whoever saw none.

    Raises:
        ChangedMeanwhile: it was written or added since, and nothing was written.
    """
    if version:
        _write(session, model, key, version, values)
        return
    added = insert_or(session, model).values(**key, **values).on_conflict_do_nothing(index_elements=list(key))
    if not session.execute(added.returning(*(getattr(model, name) for name in key))).all():
        raise ChangedMeanwhile


def _write(session: Session, model: type[Any], key: Mapping[str, Any], version: int, values: Mapping[str, Any]) -> None:
    table: Table = inspect(model).local_table
    same = [table.c[name] == value for name, value in key.items()]
    unchanged = update(table).where(*same, table.c.version == version)
    if not session.execute(unchanged.values(**values, version=version + 1).returning(table.c.version)).all():
        raise ChangedMeanwhile
