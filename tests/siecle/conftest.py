"""A database to import into, and the means to see that nothing changed."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from shared.database import Base, Database
from shared.journal import COMMAND
from shared.siecle.asked import UNSEEN, Asked, Steps
from shared.siecle.importing import import_files
from shared.siecle.report import ImportReport
from tests.siecle.written import SchoolFiles

NOW = datetime(2025, 9, 15, 10, 0, tzinfo=UTC)

Import = Callable[..., ImportReport]
Dump = Callable[[], dict[str, list[tuple[Any, ...]]]]


@pytest.fixture
def import_time() -> datetime:
    """When files are imported: no file may be of a later day."""
    return NOW


@pytest.fixture
def run_import(database: Database, import_time: datetime) -> Import:
    """Import files as the command does."""

    def run(paths: list[Path], steps: Steps = UNSEEN, **options: Any) -> ImportReport:
        return import_files(database, paths, Asked(**({"now": import_time, "actor": COMMAND} | options)), steps)

    return run


@pytest.fixture
def dump(database: Database) -> Dump:
    """Every row of every table."""

    def read() -> dict[str, list[tuple[Any, ...]]]:
        with database.reading() as session:
            return {
                table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
                for table in Base.metadata.sorted_tables
            }

    return read


@pytest.fixture
def school(tmp_path: Path) -> SchoolFiles:
    """One student, one guardian, one link."""
    return SchoolFiles(tmp_path / "exports")
