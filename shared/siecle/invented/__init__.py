"""Invented schools: SIECLE export files for demonstrations, tests and measures, with the truth about duplicates."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.siecle.invented.files.guardians import open_guardians
from shared.siecle.invented.files.household_writer import HouseholdWriter
from shared.siecle.invented.files.settings_files import write_communs, write_nomenclature, write_structures
from shared.siecle.invented.files.students import open_students
from shared.siecle.invented.invention import Dialect, Invention
from shared.siecle.invented.people.population import households
from shared.siecle.invented.people.records import Household
from shared.siecle.invented.people.truth import DUPLICATES, PERSONS, Truth
from shared.siecle.invented.plans import InventionRefused, School, plan_schools

__all__ = ["DUPLICATES", "PERSONS", "Dialect", "Invention", "InventionRefused", "WrittenSchool", "write_schools"]


@dataclass(frozen=True, slots=True)
class WrittenSchool:
    """A school on disk: `files` are the zips to import, `counts` what they hold."""

    uai: str
    name: str
    folder: Path
    files: tuple[Path, ...]
    counts: dict[str, int]
    """students, left, scholarships, guardians (records), persons, entered_twice (persons), links, divisions."""


def write_schools(directory: Path, asked: Invention) -> list[WrittenSchool]:
    """Write the SIECLE exports of invented schools, one folder for each, named by its UAI; files there are replaced.

    Raises:
        InventionRefused: a number out of bounds, a malformed UAI, or an unknown dialect; nothing is written.
    """
    schools = plan_schools(asked)
    codes = [school.uai for school in schools]
    return [
        _write_school(directory, school, households(asked, codes, school.index), asked.dialect) for school in schools
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
