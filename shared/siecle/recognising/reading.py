"""Reads what is needed to tell who is who: the records and fiches that a key alone does not settle, and no others."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, FromClause, Select, Table, exists, literal, or_, select

from shared.siecle.updating.school_base import Updating

AT_ONCE = 500
"""Values in one statement."""

Read = TypeVar("Read", bound=NamedTuple)
Known = TypeVar("Known", bound=NamedTuple)
Value = TypeVar("Value", int, str)


@dataclass(frozen=True)
class Sort(Generic[Read, Known]):
    """Students or guardians: where their records wait, where their fiches are, and what is read of each."""

    staging: Table
    unreadable: Table
    fiche: FromClause
    read: type[Read]
    """Its fields are columns of `staging`."""
    known: type[Known]
    """Its fields are columns of `fiche`."""

    def of_record(self) -> list[ColumnElement[Any]]:
        """The columns read of a record."""
        return [self.staging.c[name] for name in self.read._fields]

    def of_fiche(self) -> list[ColumnElement[Any]]:
        """The columns read of a fiche."""
        return [self.fiche.c[name] for name in self.known._fields]


def knows_any(updating: Updating, sort: Sort[Any, Any]) -> bool:
    """Whether the school base has a fiche of this sort at all: the first import has nobody to recognise."""
    fiche = sort.fiche
    known = select(fiche.c.id).where(fiche.c.establishment_id == updating.establishment_id)
    return bool(updating.session.scalar(select(exists(known))))


def with_their_fiche(
    updating: Updating, sort: Sort[Read, Known], doubtful: ColumnElement[bool]
) -> list[tuple[Read, Known]]:
    """The records whose fiche, by key, is `doubtful`: each with it."""
    of_record = sort.of_record()
    query = select(*of_record, *sort.of_fiche()).join(sort.fiche, _same_key(updating, sort)).where(doubtful)
    found = updating.session.execute(query.order_by(sort.staging.c.position))
    cut = len(of_record)
    return [(sort.read(*row[:cut]), sort.known(*row[cut:])) for row in found]


def without_fiche(updating: Updating, sort: Sort[Read, Known]) -> list[Read]:
    """The records with a key that no fiche has."""
    known = exists(select(literal(1)).select_from(sort.fiche).where(_same_key(updating, sort)))
    new = select(*sort.of_record()).where(~known).order_by(sort.staging.c.position)
    return [sort.read(*row) for row in updating.session.execute(new)]


def not_in_the_file(
    updating: Updating, sort: Sort[Read, Known], wanted: Iterable[tuple[ColumnElement[Any], Collection[Any]]]
) -> list[Known]:
    """The fiches with a key that the file does not hold, of which a column has one of the values beside it."""
    fiche = sort.fiche
    absent = [
        ~exists(select(literal(1)).select_from(table).where(table.c.siecle_id == fiche.c.siecle_id))
        for table in (sort.staging, sort.unreadable)
    ]
    of_school = select(*sort.of_fiche()).where(fiche.c.establishment_id == updating.establishment_id, *absent)
    found = {row.id: row for column, values in wanted for row in rows(updating, of_school, column, values)}
    return [sort.known(*found[number]) for number in sorted(found)]


def rows(updating: Updating, query: Select[Any], column: ColumnElement[Any], values: Collection[Any]) -> Iterator[Any]:
    """The rows of `query` whose `column` has one of `values`, whatever their number."""
    for some in lots(values):
        yield from updating.session.execute(query.where(column.in_(some)))


def lots(values: Collection[Value]) -> Iterator[list[Value]]:
    """The values, sorted, as many at once as a statement takes."""
    listed = sorted(values)
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]


def changed(sort: Sort[Any, Any], names: Iterable[str]) -> ColumnElement[bool]:
    """Whether one of these columns is not what the school base has."""
    return or_(*(sort.staging.c[name].is_distinct_from(sort.fiche.c[name]) for name in names))


def _same_key(updating: Updating, sort: Sort[Any, Any]) -> ColumnElement[bool]:
    of_school = sort.fiche.c.establishment_id == updating.establishment_id
    return of_school & (sort.fiche.c.siecle_id == sort.staging.c.siecle_id)
