"""An académie (200 schools of 1,000 guardians) against the country's largest (1,000 schools), on PostgreSQL.

One school is filled by the rules and copied by the database, as often as there are schools: minutes, not hours. `SCALE`
makes both smaller, in the same proportion: with `SCALE=0.1` they are 20 and 100 schools.
"""

import os
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from sqlalchemy import Column, Table, func, select, text, update

from shared.database import Base, Database
from shared.duplicates.pairs.whole_school import THIS_VERSION
from shared.models.access.ties import AccountTie
from shared.models.accounts import Account, Identifier
from shared.models.journal import JournalEvent
from shared.models.notifications import Campaign, Notification
from shared.models.school import Division, Establishment, Guardian, Guardianship, Student
from shared.worker.daily import run_daily
from tests.admin.browser import Browser
from tests.benchmarks.generate_accounts import GUARDIANS_PER_SCHOOL, fill, school_ids
from tests.benchmarks.import_school import exports, take_in
from tests.benchmarks.measuring import Target, empty_databases, report, seconds
from tests.benchmarks.screens import (
    DIVISION,
    SCREENS,
    application,
    live_in,
    look_again,
    open_screen,
    percentile,
    settings_in,
)
from tests.factories import NOW, make_staff

SCALE = float(os.environ.get("SCALE") or 1)
FEW, MANY = max(2, round(200 * SCALE)), max(3, round(1000 * SCALE))
ROUNDS, IMPORTS = 40, 3
STUDENTS = 500
CHANGED = 0.05
"""The share of schools that imported during the day before a night."""
NIGHT_SECONDS = 6 * 3600
"""What the unit of the night allows."""
OF_SCREENS, OF_IMPORT = Target(1.5), Target(1.2)
COPIED = (
    Establishment,
    Division,
    Identifier,
    Account,
    Guardian,
    Student,
    AccountTie,
    Guardianship,
    Campaign,
    Notification,
    JournalEvent,
)
UNIQUE_WORDS = {"identifier.value", "campaign.request_key"}
WITHOUT_KEY = {"journal_event.account_id": "account.id", "journal_event.establishment_id": "establishment.id"}
"""Columns that mean a row of another table, though no foreign key says so: the journal outlives whom it tells of."""


def run() -> None:
    """Print the figures; nothing where there is no PostgreSQL."""
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        both = [stack.enter_context(empty_databases(folder)) for folder in folders]
        if any("PostgreSQL" not in databases for databases in both):
            return
        databases = [databases["PostgreSQL"] for databases in both]
        for database, schools in zip(databases, (FEW, MANY), strict=True):
            taken = seconds(partial(fill_schools, database, schools))
            print(
                f"  {schools:,} schools, {schools * GUARDIANS_PER_SCHOOL:,} guardians: filled in {taken:.0f} s",
                flush=True,
            )
        measure_screens(databases, folders[0])
        measure_imports(databases, folders[0])
        measure_night(databases[1], folders[0])
        print_sizes(databases[1])


def fill_schools(database: Database, schools: int) -> None:
    """One school in use, and `schools - 1` copies of it."""
    fill(database, 1)
    live_in(database)
    with database.writing() as session:
        strides = {table.name: _last_id(session, table) for table in map(_table, COPIED) if "id" in table.c}
        # The rows of a copy mean each other: nothing is to be looked up.
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for table in map(_table, COPIED):
            session.execute(text(_copy(table, strides)), {"copies": schools - 1})
            if "id" in table.c:
                found = f"pg_get_serial_sequence('{table.name}', 'id')"
                session.execute(
                    text(f"SELECT setval({found}, (SELECT max(id) FROM {table.name})) WHERE {found} IS NOT NULL")
                )
        # As after a night: nothing changed since every fiche was compared.
        session.execute(update(Establishment).values(compared_by=THIS_VERSION))
    look_again(database)


def _table(model: type) -> Table:
    return Base.metadata.tables[model.__tablename__]


def _last_id(session, table: Table) -> int:
    return session.scalar(select(func.coalesce(func.max(table.c.id), 0))) or 1


def _copy(table: Table, strides: dict[str, int]) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.c)
    values = ", ".join(_value(column, strides) for column in table.c)
    return f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {table.name}, generate_series(1, :copies) AS copy"


def _value(column: Column, strides: dict[str, int]) -> str:
    """What stands in the copy: another number, another word, or the same."""
    meant = _meant(column)
    table, _, name = meant.partition(".")
    if name == "id" and table in strides:
        return f'"{column.name}" + copy * {strides[table]}'
    if meant == "establishment.uai":
        return "lpad(copy::text, 7, '0') || 'Z'"
    if meant in UNIQUE_WORDS:
        return f"\"{column.name}\" || '.' || copy"
    return f'"{column.name}"'


def _meant(column: Column) -> str:
    """The column that this one repeats, or itself."""
    named = f"{column.table.name}.{column.name}"
    if named in WITHOUT_KEY:
        return WITHOUT_KEY[named]
    for key in column.foreign_keys:
        return _meant(key.column)
    return named


def measure_screens(databases: list[Database], folder: Path) -> None:
    """Each screen of a school in the middle, in turns."""
    schools = [head_at_work(database, folder) for database in databases]
    for screen, path in SCREENS.items():
        times: list[list[float]] = [[], []]
        for turn in range(ROUNDS + 2):
            for (browser, fiche), taken in zip(schools, times, strict=True):
                spent = seconds(partial(open_screen, browser, path.format(fiche=fiche, division=DIVISION)))
                if turn >= 2:
                    taken.append(1000 * spent)
        few, many = (percentile(taken) for taken in times)
        people = f"{MANY * GUARDIANS_PER_SCHOOL:,} guardians"
        report(f"{screen}, p95 at {people}", [many], [few], f"at {FEW * GUARDIANS_PER_SCHOOL:,}", OF_SCREENS, unit="ms")


def head_at_work(database: Database, folder: Path) -> tuple[Browser, int]:
    """The head of the school in the middle, logged in; and one of its guardians."""
    ids = school_ids(database)
    chosen = ids[len(ids) // 2]
    with database.writing() as session:
        make_staff(session, "chef", session.get_one(Establishment, chosen))
        fiche = session.scalars(select(func.min(Guardian.id)).where(Guardian.establishment_id == chosen)).one()
    browser = Browser(application(database, folder))
    browser.log_in("chef")
    return browser, fiche


def measure_imports(databases: list[Database], folder: Path) -> None:
    """One more school, in dry runs, which do all of it and undo it at the end; in turns."""
    files = exports(folder / "siecle", STUDENTS)
    times: list[list[float]] = [[], []]
    for turn in range(IMPORTS + 1):
        for database, taken in zip(databases, times, strict=True):
            spent = seconds(lambda: take_in(database, files, dry_run=True))  # noqa: B023 - called at once
            if turn:
                taken.append(spent)
    few, many = times
    what = f"import of a school of {STUDENTS} students into {MANY:,} schools"
    report(what, many, few, f"into {FEW:,}", OF_IMPORT)


def measure_night(database: Database, folder: Path) -> None:
    """A night after a day on which some schools imported."""
    settings = settings_in(folder, duplicates_dir=folder / "scribe")
    changed = max(1, round(MANY * CHANGED))
    with database.writing() as session:
        ids = session.scalars(select(Establishment.id).order_by(Establishment.id).limit(changed)).all()
        session.execute(update(Establishment).where(Establishment.id.in_(ids)).values(compared_by=None))
    night = seconds(lambda: run_daily(database, settings, NOW))
    verdict = "met" if night <= NIGHT_SECONDS else "NOT MET"
    print(f"night of {MANY:,} schools, {changed} of them changed: {night:.0f} s; at most {NIGHT_SECONDS} s: {verdict}")


def print_sizes(database: Database) -> None:
    """The largest tables with their indexes, and the database."""
    largest = (
        "SELECT relname, pg_total_relation_size(oid), pg_relation_size(oid), reltuples FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC LIMIT 10"
    )
    with database.engine.connect() as connection:
        whole = connection.scalar(text("SELECT pg_database_size(current_database())"))
        print(f"size of the database: {whole / 2**20:,.0f} MiB")
        for name, size, rows, count in connection.execute(text(largest)):
            print(f"  {name:<18} {size / 2**20:>8,.1f} MiB, {rows / 2**20:,.1f} without indexes; {count:,.0f} rows")


if __name__ == "__main__":
    run()
