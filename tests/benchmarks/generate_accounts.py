"""Identifiers and accounts for 200,000 guardians of 200 schools, against inserting the same rows and nothing else."""

import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.generation import generate_accounts
from shared.accounts.populations import GUARDIANS
from shared.database import Database
from shared.models.accounts import Account, Identifier
from shared.models.journal import JournalEvent
from shared.models.school import Establishment, Guardian, Guardianship, Student
from shared.persons.names import name_key
from shared.siecle.invented.people.names import MAINLAND_LAST_NAMES, MOTHERS, REUNION_LAST_NAMES
from tests.benchmarks.measuring import Target, empty_databases, peak_mebibytes, report, seconds
from tests.factories import NOW, TODAY, at_desk

LAST_NAMES = (*REUNION_LAST_NAMES, *MAINLAND_LAST_NAMES)
SCHOOLS = 200
GUARDIANS_PER_SCHOOL = 1_000
TARGET = Target(3)


def run() -> None:
    """Print the figures of both databases."""
    for kind in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
            if kind in databases:
                measure(kind, databases[kind])


def measure(kind: str, database: Database) -> None:
    """Generate for every school, then insert the rows that this made in a second, equal database."""
    fill(database)
    sealer = Sealer([b"0" * 32])
    ids = school_ids(database)

    def generate() -> None:
        for establishment_id in ids:
            with database.writing() as session:
                generate_accounts(at_desk(session, establishment_id), GUARDIANS, sealer)

    ours = seconds(generate)
    rows = rows_made(database)
    with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as others:
        other = others[kind]
        fill(other)
        baseline = seconds(lambda: insert_plainly(other, rows))
    report(
        f"accounts of {SCHOOLS * GUARDIANS_PER_SCHOOL:,} guardians, {kind}",
        [ours],
        [baseline],
        "the same rows by executemany",
        TARGET,
    )
    print(f"  peak memory of the process: {peak_mebibytes():.0f} MiB")


def fill(database: Database, schools: int = SCHOOLS) -> None:
    """Schools with one student for two guardians, names drawn from the lists of the invented schools."""
    with database.writing() as session:
        for number in range(1, schools + 1):
            session.execute(
                insert(Establishment), [{"uai": f"974{number:04}A", "name": f"École {number}", "created_at": NOW}]
            )
        for establishment_id in session.scalars(select(Establishment.id)).all():
            fill_school(session, establishment_id)


def fill_school(session: Any, establishment_id: int, count: int = GUARDIANS_PER_SCHOOL) -> None:
    """One school of `count` guardians: `n` and `n + 1` are those of student `n // 2`."""
    students = [_person(establishment_id, n) | {"birth_date": TODAY} for n in range(count // 2)]
    guardians = [_person(establishment_id, n) for n in range(count)]
    student_ids = session.scalars(insert(Student).returning(Student.id, sort_by_parameter_order=True), students).all()
    guardian_ids = session.scalars(insert(Guardian).returning(Guardian.id, sort_by_parameter_order=True), guardians)
    session.execute(
        insert(Guardianship),
        [
            {
                "establishment_id": establishment_id,
                "student_id": student_ids[n // 2],
                "guardian_id": guardian_id,
                "legal_rank": 1 + n % 2,
            }
            for n, guardian_id in enumerate(guardian_ids.all())
        ],
    )


def _person(establishment_id: int, number: int) -> dict[str, Any]:
    last = LAST_NAMES[(number * 7 + establishment_id) % len(LAST_NAMES)]
    first = MOTHERS[(number * 3 + establishment_id) % len(MOTHERS)]
    key = name_key(last, first)
    return {
        "establishment_id": establishment_id,
        "siecle_id": str(number),
        "family_name": last,
        "first_name": first,
        "name_key": key,
        "birth_name_key": key,
    }


def school_ids(database: Database) -> list[int]:
    """Every school."""
    with database.reading() as session:
        return list(session.scalars(select(Establishment.id).order_by(Establishment.id)))


def rows_made(database: Database) -> dict[Any, list[dict[str, Any]]]:
    """What the generation wrote, table by table, as plain rows."""
    made: dict[Any, list[dict[str, Any]]] = {}
    with database.reading() as session:
        for table in (Identifier, Account, JournalEvent):
            columns = table.__table__.c
            made[table] = [dict(row._mapping) for row in session.execute(select(*columns))]
    assert len(made[Account]) == SCHOOLS * GUARDIANS_PER_SCHOOL
    return made


def insert_plainly(database: Database, rows: dict[Any, list[dict[str, Any]]]) -> None:
    """The same rows by executemany, and nothing else: not even the number of the account on each fiche."""
    with database.writing() as session:
        connection = session.connection()
        for table, values in rows.items():
            connection.execute(insert(table.__table__), values)


if __name__ == "__main__":
    run()
