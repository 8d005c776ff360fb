"""Statements that are put together once in a process: what changes from one request to the next is told as they run.

To put a statement of ten parts together takes several times as long as the database takes to answer it. The functions
that say a condition take a value, or one of the names below in its place.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar, TypeVarTuple

from sqlalchemy import BindParameter, Date, Integer, Row, Select, TextualSelect, bindparam
from sqlalchemy.orm import Session
from sqlalchemy.sql.visitors import iterate
from sqlalchemy.types import TypeEngine

from shared.database import UtcDateTime
from shared.engines import plan_once
from shared.rows.written import Statement, write

Number = int | BindParameter[int]
Day = date | BindParameter[date]
Instant = datetime | BindParameter[datetime]
Value = TypeVar("Value")
Derived = TypeVar("Derived")
Columns = TypeVarTuple("Columns")

ESTABLISHMENT_ID: BindParameter[int] = bindparam("establishment_id", type_=Integer())
TODAY: BindParameter[date] = bindparam("today", type_=Date())
NOW: BindParameter[datetime] = bindparam("now", type_=UtcDateTime())

_DERIVED: dict[str, tuple[str, Callable[[Any], Any]]] = {}
"""What is computed from another value, by name: the name of that value, and how."""


def derived(
    value: Value | BindParameter[Value], of: Callable[[Value], Derived], type_: TypeEngine[Derived]
) -> Derived | BindParameter[Derived]:
    """What `of`, a named function, computes from a value: at once, or each time that the statement runs."""
    if not isinstance(value, BindParameter):
        return of(value)
    name = f"{value.key}_{of.__module__.replace('.', '_')}_{of.__name__}"
    _DERIVED[name] = value.key, of
    return bindparam(name, type_=type_)


class Prepared:
    """A statement, and what is to be told when it runs."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._texts: dict[str, TextualSelect | Statement] = {}
        keys = {one.key for one in iterate(statement) if isinstance(one, BindParameter)}
        self._derived = {key: _DERIVED[key] for key in keys & _DERIVED.keys()}

    def rows(self, session: Session, **told: object) -> list[Row[*tuple[Any, ...]]]:
        """All the rows for these values."""
        return list(session.execute(self._on(session), self._values(told)))

    def one(self, session: Session, **told: object) -> Row[*tuple[Any, ...]]:
        """The only row for these values."""
        return session.execute(self._on(session), self._values(told)).one()

    def one_or_none(self, session: Session, **told: object) -> Row[*tuple[Any, ...]] | None:
        """The only row for these values, if there is one."""
        return session.execute(self._on(session), self._values(told)).one_or_none()

    def number(self, session: Session, **told: object) -> int:
        """The number that a statement which counts gives for these values; 0 for none."""
        return self.one(session, **told)[0] or 0

    def _on(self, session: Session) -> TextualSelect | Statement:
        connection = session.connection()
        dialect = connection.dialect
        plan_once(connection)
        known = self._texts.get(dialect.name)
        if known is None:
            # Where whole objects are asked for, SQLAlchemy must see which.
            known = self._statement if _gives_objects(self._statement) else write(self._statement, dialect)
            self._texts[dialect.name] = known
        return known

    def _values(self, told: dict[str, object]) -> dict[str, object]:
        return told | {key: of(told[base]) for key, (base, of) in self._derived.items()}


def _gives_objects(statement: Statement) -> bool:
    return isinstance(statement, Select) and any(
        one["expr"] is one.get("entity") for one in statement.column_descriptions
    )
