"""A copy of 200,000 guardians with their accounts, and putting it back, against pg_dump and pg_restore alone."""

import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

import psycopg
from sqlalchemy import insert, make_url

from shared import clock
from shared.config import Settings
from shared.database import Database
from shared.journal import SYSTEM
from shared.models.accounts import Account, AccountKind, AccountState, Identifier
from shared.models.journal import Action, JournalEvent
from shared.models.school import Guardian
from shared.saving.aftermath import Given
from shared.saving.making import make_copy
from shared.saving.putting_back import put_copy_back
from tests.benchmarks.generate_accounts import GUARDIANS_PER_SCHOOL, SCHOOLS, fill
from tests.benchmarks.measuring import Target, empty_databases, report, seconds
from tests.conftest import POSTGRES
from tests.factories import NOW, PASSWORD_HASH

ROUNDS = 3
TARGET = Target(2)


def run() -> None:
    """Print the figures of PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
        if "PostgreSQL" in databases:
            fill_whole(databases["PostgreSQL"])
            measure(databases["PostgreSQL"], Path(folder))


def measure(database: Database, folder: Path) -> None:
    """In turns: each copy, and each putting back into a new base."""
    settings = Settings(var_dir=folder / "var")
    plain = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    saving, dumping, restoring, filling = [], [], [], []
    for number in range(ROUNDS):
        copy, dumped = folder / f"copy{number}", folder / f"dump{number}"
        dump = ("pg_dump", "--format=custom", f"--file={dumped}", plain)
        dumping.append(seconds(lambda: subprocess.run(dump, check=True)))  # noqa: B023
        saving.append(seconds(lambda: make_copy(database, settings, copy, clock.now())))  # noqa: B023
        for times, is_ours in ((filling, False), (restoring, True)):
            name = f"teleservices_bench_{uuid.uuid4().hex[:8]}"
            with psycopg.connect(POSTGRES, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
            url = make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
            there = Settings(var_dir=folder / name, database_url=url)
            fill_again = ("pg_restore", "--no-owner", f"--dbname={url}", str(dumped))
            if is_ours:
                times.append(seconds(lambda: put_copy_back(there, copy, Given(), clock.now())))  # noqa: B023
            else:
                times.append(seconds(lambda: subprocess.run(fill_again, check=True)))  # noqa: B023
            with psycopg.connect(POSTGRES, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        shutil.rmtree(copy)
        dumped.unlink()
    people = f"{SCHOOLS * GUARDIANS_PER_SCHOOL:,} guardians, PostgreSQL"
    report(f"backup of {people}", saving, dumping, "pg_dump alone", TARGET)
    report(f"restore of {people}", restoring, filling, "pg_restore alone", TARGET)


def fill_whole(database: Database) -> None:
    """Schools, guardians and students, and for each guardian an account and what the journal tells of it."""
    fill(database)
    number = SCHOOLS * GUARDIANS_PER_SCHOOL
    with database.writing() as session:
        for start in range(0, number, 5_000):
            some = [f"p.nom{index}" for index in range(start, start + 5_000)]
            session.execute(insert(Identifier), [{"value": one, "given_at": NOW} for one in some])
            session.execute(insert(Account), [_account(one) for one in some])
            session.execute(insert(JournalEvent), [_event(one) for one in some])
    with database.reading() as session:
        assert session.query(Guardian).count() >= number


def _account(identifier: str) -> dict[str, object]:
    return {
        "kind": AccountKind.GUARDIAN,
        "identifier": identifier,
        "state": AccountState.ACTIVE,
        "password_hash": PASSWORD_HASH,
        "email": f"{identifier}@example.org",
        "created_at": NOW,
    }


def _event(identifier: str) -> dict[str, object]:
    return {
        "at": NOW,
        "action": Action.ACCOUNT_GENERATED,
        "actor_kind": SYSTEM.kind,
        "actor_name": SYSTEM.name,
        "subject": identifier,
        "details": {},
    }


if __name__ == "__main__":
    run()
