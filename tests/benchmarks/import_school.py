"""Import of a school of 2,000 students, against reading its two files and inserting the same rows; peak of memory."""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree
from sqlalchemy import insert, select

from shared import clock
from shared.database import Database
from shared.journal import COMMAND
from shared.models.school import Division, Establishment, Guardian, Guardianship, Student
from shared.siecle.asked import Asked
from shared.siecle.importing import import_files
from shared.siecle.invented import Invention, write_schools
from tests.benchmarks.measuring import Target, empty_databases, peak_mebibytes, report, seconds

STUDENTS = 2_000
MANY_STUDENTS = 50_000
ROUNDS = 5
TARGET = Target(2)
MEMORY_MEBIBYTES = 50
TABLES = (Establishment, Division, Student, Guardian, Guardianship)
RECORDS = ("ELEVE", "STRUCTURES_ELEVE", "PERSONNE", "RESPONSABLE_ELEVE", "ADRESSE")


def run() -> None:
    """Print the ratios on both databases, then the peaks of memory."""
    with tempfile.TemporaryDirectory() as folder:
        files = exports(Path(folder), STUDENTS)
        for kind in ("SQLite", "PostgreSQL"):
            measure(kind, files)
        compare_peaks(files, exports(Path(folder), MANY_STUDENTS))


def exports(folder: Path, students: int) -> list[Path]:
    """The zips of students and guardians of an invented school."""
    (school,) = write_schools(folder / str(students), Invention(students=students))
    return [path for path in school.files if "Eleves" in path.name or "Responsables" in path.name]


def measure(kind: str, files: list[Path]) -> None:
    """In turns, each time into empty tables: our import, then the plain reading and inserting."""
    ours, baseline = [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
            if kind not in databases:
                return
            database = databases[kind]
            ours.append(seconds(lambda: take_in(database, files)))  # noqa: B023 - called at once
            rows = rows_made(database)
        with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as others:
            other = others[kind]
            baseline.append(seconds(lambda: (read_plainly(files), insert_plainly(other, rows))))  # noqa: B023
    named = "both files by iterparse and the same rows by executemany"
    report(f"import of {STUDENTS:,} students, {kind}", ours, baseline, named, TARGET)


def take_in(database: Database, files: list[Path], *, dry_run: bool = False) -> None:
    """Our import."""
    import_files(database, files, Asked(actor=COMMAND, now=clock.now(), dry_run=dry_run))


def rows_made(database: Database) -> dict[Any, list[dict[str, Any]]]:
    """What the import wrote, table by table, as plain rows."""
    with database.reading() as session:
        return {table: [dict(row._mapping) for row in session.execute(select(*table.__table__.c))] for table in TABLES}


def read_plainly(files: list[Path]) -> int:
    """Every record of both files as a dictionary, by lxml's `iterparse`; returns how many."""
    return sum(1 for path in files for _ in records(path))


def records(path: Path) -> Iterator[dict[str, str | None]]:
    """The records of one zip, forgotten one after the other."""
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as stream:
        for _event, element in etree.iterparse(stream, tag=RECORDS):
            yield dict(element.attrib) | {child.tag: child.text for child in element}
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


def insert_plainly(database: Database, rows: dict[Any, list[dict[str, Any]]]) -> None:
    """The same rows, and nothing else."""
    with database.writing() as session:
        connection = session.connection()
        for table, values in rows.items():
            connection.execute(insert(table.__table__), values)


def compare_peaks(few: list[Path], many: list[Path]) -> None:
    """The peak of memory of a process that reads, compares and writes each school, on both databases.

    In dry runs, which do all of it and undo it at the end. The search for duplicates that follows an import holds the
    fiches of one school in columns: `duplicates_time` says what that takes.
    """
    with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
        for kind, database in databases.items():
            url = database.engine.url.render_as_string(hide_password=False)
            small, large = peak(url, few), peak(url, many)
            verdict = "met" if abs(large - small) <= MEMORY_MEBIBYTES else "NOT MET"
            print(
                f"peak memory of an import, {kind}: {small:.0f} MiB for {STUDENTS:,} students, {large:.0f} MiB for "
                f"{MANY_STUDENTS:,}, ± {MEMORY_MEBIBYTES} MiB wanted: {verdict}"
            )


def peak(url: str, files: list[Path]) -> float:
    """The highest resident memory, in MiB, of a new process that imports `files`."""
    command = [sys.executable, "-m", "tests.benchmarks.import_school", url, *map(str, files)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    if sys.argv[1:]:
        url, *paths = sys.argv[1:]
        take_in(Database(url), [Path(path) for path in paths], dry_run=True)
        print(peak_mebibytes())
    else:
        run()
