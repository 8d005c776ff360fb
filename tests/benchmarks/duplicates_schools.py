"""Invented schools in memory, with the truth about their duplicates, whole or with less than a school base holds."""

import csv
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from sqlalchemy import select

from shared import schema
from shared.database import Database
from shared.duplicates.matching.arrays import Numbers
from shared.duplicates.matching.dataset import Fiches, Links, load_fiches
from shared.journal import COMMAND
from shared.models.school import Establishment, Guardian
from shared.siecle.importing import import_files
from shared.siecle.invented import PERSONS, WrittenSchool, write_schools
from tests.factories import NOW

STUDENTS = 2_000
WHOLE, BARE, ALONE, SCATTERED = "whole", "names and address", "without students", "scattered"


@dataclass(frozen=True)
class TrueSchool:
    """The fiches of a school, and the pairs of them that are one person, as codes of `codes`."""

    fiches: Fiches
    duplicates: Numbers


def codes(count: int, one: Numbers, other: Numbers) -> Numbers:
    """One number for each pair of positions among `count`."""
    return np.minimum(one, other) * count + np.maximum(one, other)


@cache
def invented_school(seed: int, *, careless: bool, students: int = STUDENTS) -> TrueSchool:
    """An invented school, imported; 10 % of its adults are entered more than once."""
    with imported(students, seed=seed, careless=careless) as (database, (written,)), database.reading() as session:
        establishment_id = session.scalars(select(Establishment.id)).one()
        fiches = load_fiches(session, establishment_id)
        numbers = dict(session.execute(select(Guardian.siecle_id, Guardian.id)).all())
        with (written.folder / PERSONS).open(encoding="utf-8") as file:
            rows = [(row["personne"], numbers[row["personne_id"]]) for row in csv.DictReader(file)]
    position = {number: place for place, number in enumerate(fiches.ids.tolist())}
    persons: dict[str, list[int]] = {}
    for person, number in rows:
        if number in position:
            persons.setdefault(person, []).append(position[number])
    pairs = [(a, b) for those in persons.values() for n, a in enumerate(those) for b in those[:n]]
    one, other = np.array(pairs, dtype=np.int64).T
    return TrueSchool(fiches, np.unique(codes(len(fiches), one, other)))


@contextmanager
def imported(
    students: int, *, seed: int = 1, careless: bool = False, establishments: int = 1
) -> Iterator[tuple[Database, list[WrittenSchool]]]:
    """A SQLite database with invented schools in it; `students` is for each."""
    with tempfile.TemporaryDirectory() as folder:
        written = write_schools(
            Path(folder), students=students, establishments=establishments, seed=seed, careless=careless
        )
        database = Database(f"sqlite:///{folder}/schools.db")
        schema.upgrade(database.engine)
        for school in written:
            import_files(
                database,
                school.files,
                uai=school.uai,
                accept_older=True,
                accept_losses=True,
                dry_run=False,
                now=NOW,
                actor=COMMAND,
            )
        yield database, written
        database.dispose()


def with_less(school: TrueSchool, what: str) -> TrueSchool:
    """The same school, poorer: without telephones, e-mail and civility; without students as well; or with families
    of which half of the children live at an address of their own, under a name of their own."""
    fiches = school.fiches
    if what == WHOLE:
        return school
    if what == SCATTERED:
        odd, own = fiches.links.student % 2 == 1, fiches.links.student + 10_000_000
        families, places = np.where(odd, own, fiches.brothers), np.where(odd, own, fiches.neighbours)
        return replace(school, fiches=replace(fiches, brothers=families, neighbours=places))
    nothing, unknown = np.full(len(fiches), "", dtype=object), np.zeros(len(fiches), dtype=np.int64)
    bare = replace(fiches, email=nothing, mobile=nothing, home=nothing, work=nothing, sex=unknown)
    if what == ALONE:
        none = np.empty(0, dtype=np.int64)
        bare = replace(bare, links=Links(none, none, none, none), brothers=none, neighbours=none)
    return replace(school, fiches=bare)
