"""Invented schools: SIECLE export files for demonstrations, tests and measures, with the truth about duplicates."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from shared.siecle.invented.files.guardians import open_guardians
from shared.siecle.invented.files.household_writer import HouseholdWriter
from shared.siecle.invented.files.settings_files import write_communs, write_nomenclature, write_structures
from shared.siecle.invented.files.students import open_students
from shared.siecle.invented.files.writing import Dialect
from shared.siecle.invented.people.population import households
from shared.siecle.invented.people.records import Household
from shared.siecle.invented.people.truth import DUPLICATES, PERSONS, Truth
from shared.siecle.invented.plans import InventionRefused, School, plan_schools

__all__ = ["DUPLICATES", "PERSONS", "Dialect", "InventionRefused", "WrittenSchool", "write_schools"]


@dataclass(frozen=True, slots=True)
class WrittenSchool:
    """A school on disk: `files` are the zips to import, `counts` what they hold."""

    uai: str
    name: str
    folder: Path
    files: tuple[Path, ...]
    counts: dict[str, int]
    """students, left, scholarships, guardians (records), persons, entered_twice (persons), links, divisions."""


def write_schools(
    directory: Path,
    *,
    students: int,
    establishments: int = 1,
    duplicates: float = 0.1,
    seed: int = 1,
    dialect: Dialect = "2019",
    uai: str | None = None,
    careless: bool = False,
) -> list[WrittenSchool]:
    """Write the SIECLE exports of invented schools, one folder for each, named by its UAI.

    `students` is per establishment; `duplicates`, from 0 to 1, is the share of adults who are entered more than
    once; with `careless`, far more differs between their records. The same arguments give the same bytes, on every
    machine. Files already there are replaced.

    Raises:
        InventionRefused: a number out of bounds, a malformed UAI, or an unknown dialect; nothing is written.
    """
    if not 0 <= duplicates <= 1:
        raise InventionRefused(f"Part de doublons refusée\u00a0: {duplicates}. Donnez un nombre de 0 à 1, comme 0.1.")
    if dialect not in get_args(Dialect):
        raise InventionRefused(f"Dialecte refusé\u00a0: {dialect}. Donnez 2017 ou 2019.")
    schools = plan_schools(students, establishments, seed, uai)
    codes = [school.uai for school in schools]
    return [
        _write_school(
            directory,
            school,
            households(seed, codes, school.index, students, duplicates, careless=careless),
            dialect,
        )
        for school in schools
    ]


def _write_school(directory: Path, school: School, people: Iterator[Household], dialect: Dialect) -> WrittenSchool:
    folder = directory / school.uai
    folder.mkdir(parents=True, exist_ok=True)
    with (
        Truth(folder) as truth,
        open_students(folder, school, dialect) as students,
        open_guardians(folder, school, dialect) as guardians,
    ):
        writer = HouseholdWriter(school, dialect, students, guardians, truth)
        for household in people:
            writer.add(household)
    small = (write_structures(folder, school), write_communs(folder, school), write_nomenclature(folder, school))
    counts = {
        **{name: writer.counts[name] for name in ("students", "left", "scholarships", "guardians", "links")},
        "persons": truth.persons,
        "entered_twice": truth.entered_twice,
        "divisions": sum(map(len, school.divisions.values())),
    }
    return WrittenSchool(school.uai, school.name, folder, (students.path, guardians.path, *small), counts)
