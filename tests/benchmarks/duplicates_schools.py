"""Invented schools in memory, with the truth about their duplicates, whole or with less than a school base holds."""

import csv
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

import numpy as np
from sqlalchemy import select

from shared import schema
from shared.database import Database
from shared.duplicates.matching.arrays import Numbers
from shared.duplicates.matching.dataset import Fiches, Links, fiches_in, read_school
from shared.journal import COMMAND
from shared.models.school import Establishment, Guardian
from shared.siecle.asked import Asked
from shared.siecle.importing import import_files
from shared.siecle.invented import PERSONS, Invention, WrittenSchool, write_schools
from tests.factories import NOW

STUDENTS = 2_000
_OF_TIES = ("brothers", "neighbours")
"""Columns of the fiches that have a place for each tie."""
WHOLE, BARE, ALONE, SCATTERED = "whole", "names and address", "without students", "scattered"
UNPLACED, UNPLACED_BARE = "students without address", "students without address, names and address"
ONE_GUARDIAN = "one guardian per student"


@dataclass(frozen=True)
class TrueSchool:
    """The fiches of a school, and the pairs of them that are one person, as codes of `codes`."""

    fiches: Fiches
    duplicates: Numbers


def codes(count: int, one: Numbers, other: Numbers) -> Numbers:
    """One number for each pair of positions among `count`."""
    return np.minimum(one, other) * count + np.maximum(one, other)


@cache
def invented_school(
    seed: int, *, careless: bool = False, students: int = STUDENTS, duplicates: float = 0.1
) -> TrueSchool:
    """An invented school, imported; of its adults the share `duplicates` is entered more than once."""
    with (
        imported(students, seed=seed, careless=careless, duplicates=duplicates) as (database, (written,)),
        database.reading() as session,
    ):
        establishment_id = session.scalars(select(Establishment.id)).one()
        fiches = fiches_in(read_school(session, establishment_id))
        numbers = dict(session.execute(select(Guardian.siecle_id, Guardian.id)).all())
        with (written.folder / PERSONS).open(encoding="utf-8") as file:
            rows = [(row["personne"], numbers[row["personne_id"]]) for row in csv.DictReader(file)]
    position = {number: place for place, number in enumerate(fiches.ids.tolist())}
    persons: dict[str, list[int]] = {}
    for person, number in rows:
        if number in position:
            persons.setdefault(person, []).append(position[number])
    pairs = [(a, b) for those in persons.values() for n, a in enumerate(those) for b in those[:n]]
    one, other = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return TrueSchool(fiches, np.unique(codes(len(fiches), one, other)))


@contextmanager
def imported(
    students: int, *, seed: int = 1, careless: bool = False, establishments: int = 1, duplicates: float = 0.1
) -> Iterator[tuple[Database, list[WrittenSchool]]]:
    """A SQLite database with invented schools in it; `students` is for each."""
    with tempfile.TemporaryDirectory() as folder:
        written = write_schools(
            Path(folder),
            Invention(
                students=students, establishments=establishments, duplicates=duplicates, seed=seed, careless=careless
            ),
        )
        database = Database(f"sqlite:///{folder}/schools.db")
        schema.upgrade(database.engine)
        for school in written:
            import_files(
                database,
                school.files,
                Asked(actor=COMMAND, now=NOW, uai=school.uai, accept_older=True, accept_losses=True),
            )
        yield database, written
        database.dispose()


def with_less(school: TrueSchool, what: str) -> TrueSchool:
    """The same school, poorer, as `what` says.

    Without telephones, e-mail and civility; without students as well; with students whose addresses are not in the
    file; with families of which half of the children live at an address of their own, under a name of their own; or
    with one guardian for each student, the mother of some and the father of others.
    """
    fiches = school.fiches
    if what == WHOLE:
        return school
    if what == SCATTERED:
        odd, own = fiches.links.student % 2 == 1, fiches.links.student + 10_000_000
        families, places = np.where(odd, own, fiches.brothers), np.where(odd, own, fiches.neighbours)
        return replace(school, fiches=replace(fiches, brothers=families, neighbours=places))
    if what == ONE_GUARDIAN:
        return _with_one_guardian(school)
    if what in {UNPLACED, UNPLACED_BARE}:
        nowhere = np.zeros(len(fiches.links.student), dtype=np.int64)
        fiches = replace(fiches, brothers=fiches.links.student, neighbours=nowhere)
    if what in {BARE, ALONE, UNPLACED_BARE}:
        nothing, unknown = np.full(len(fiches), "", dtype=object), np.zeros(len(fiches), dtype=np.int64)
        fiches = replace(fiches, email=nothing, mobile=nothing, home=nothing, work=nothing, sex=unknown)
    if what == ALONE:
        none = np.empty(0, dtype=np.int64)
        links = Links(none, none, none, np.empty(0, dtype=object), none)
        fiches = replace(fiches, links=links, brothers=none, neighbours=none)
    return replace(school, fiches=fiches)


def _with_one_guardian(school: TrueSchool) -> TrueSchool:
    """Of the fiches of each student one is kept: its first legal guardian, or the second, by turns."""
    links = school.fiches.links
    wanted = np.where(links.student % 2 == 0, 1, 2)
    order = np.lexsort((np.abs(links.rank - wanted), links.student))
    _, first = np.unique(links.student[order], return_index=True)
    return only(school, np.unique(links.fiche[order[first]]), order[first])


def only(school: TrueSchool, kept: Numbers, ties: Numbers) -> TrueSchool:
    """The same school with these fiches only, and of their ties only these."""
    fiches, count = school.fiches, len(school.fiches)
    place = np.full(count, -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    ties = ties[place[fiches.links.fiche[ties]] >= 0]
    links = replace(fiches.links, **{name.name: getattr(fiches.links, name.name)[ties] for name in fields(Links)})
    links = replace(links, fiche=place[links.fiche])
    columns = {one.name: getattr(fiches, one.name) for one in fields(fiches)}
    every = [name for name, column in columns.items() if isinstance(column, np.ndarray) and name not in _OF_TIES]
    columns |= {name: columns[name][kept] for name in every}
    fewer = {name: fiches_column[ties] for name, fiches_column in ((name, columns[name]) for name in _OF_TIES)}
    written = [fiches.written[number] for number in kept.tolist()]
    one, other = (place[side] for side in np.divmod(school.duplicates, count))
    both = (one >= 0) & (other >= 0)
    whole = replace(fiches, **(columns | fewer | {"written": written, "links": links}))
    return TrueSchool(whole, codes(len(kept), one[both], other[both]))
