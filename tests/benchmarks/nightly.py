"""The nightly job of 200 schools of which ten changed, against that of 200 changed; each in turns."""

import tempfile
from pathlib import Path

from sqlalchemy import select, update

from shared.config import Settings
from shared.database import Database, refresh_statistics
from shared.models.school import Establishment, Guardian, Guardianship, Student
from shared.worker.daily import run_daily
from tests.benchmarks.generate_accounts import GUARDIANS_PER_SCHOOL, SCHOOLS, fill
from tests.benchmarks.measuring import Target, empty_databases, peak_mebibytes, report, seconds
from tests.benchmarks.screens import settings_in
from tests.factories import NOW

CHANGED = 10
ROUNDS = 2
TARGET = Target(0.3)


def run() -> None:
    """Print the figures of both databases."""
    for kind in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
            if kind in databases:
                measure(kind, databases[kind], settings_in(Path(folder), duplicates_dir=Path(folder) / "scribe"))
    print(f"  peak memory of the process: {peak_mebibytes():.0f} MiB")


def measure(kind: str, database: Database, settings: Settings) -> None:
    """Once for whatever is found the first time, then in turns."""
    fill(database)
    with database.writing() as session:
        refresh_statistics(session, Student, Guardian, Guardianship)
    run_daily(database, settings, NOW)
    few, all_of_them = [], []
    for _ in range(ROUNDS):
        for schools, times in ((CHANGED, few), (SCHOOLS, all_of_them)):
            change(database, schools)
            times.append(seconds(lambda: run_daily(database, settings, NOW)))
    what = f"nightly job of {SCHOOLS} schools of {GUARDIANS_PER_SCHOOL:,} guardians, {CHANGED} changed, {kind}"
    report(what, few, all_of_them, "all changed", TARGET)


def change(database: Database, schools: int) -> None:
    """Note of so many schools that their fiches changed, as an import does."""
    chosen = select(Establishment.id).order_by(Establishment.id).limit(schools)
    with database.writing() as session:
        ids = session.scalars(chosen).all()
        session.execute(update(Establishment).where(Establishment.id.in_(ids)).values(compared_by=None))


if __name__ == "__main__":
    run()
