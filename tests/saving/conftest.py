"""An installation with families in it, and another machine with nothing on it."""

import io
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, select

from shared.config import Settings
from shared.database import Base, Database
from shared.models.school import Establishment
from shared.siecle.uploads.files import UploadedFile
from shared.siecle.uploads.requests import create_upload
from tests.cli.conftest import Command, environment, run  # noqa: F401 - fixtures
from tests.conftest import POSTGRES
from tests.factories import at_desk, make_staff

CHANGED_BY_RESTORING = {
    "account_session",
    "identifier_series",
    "journal_event",
    "restoration",
    "staff_session",
    "worker_process",
}


@dataclass(frozen=True)
class Machine:
    """A place to restore to: its settings, as its environment says them."""

    var_dir: Path
    database_url: str

    @property
    def changes(self) -> dict[str, str]:
        return {"VAR_DIR": str(self.var_dir), "DATABASE_URL": self.database_url}

    def database(self) -> Database:
        return Database(Settings(database_url=self.database_url).database)


@pytest.fixture
def elsewhere(database_url: str, tmp_path: Path) -> Iterator[Machine]:
    """Another machine, with the same kind of database."""
    var_dir = tmp_path / "elsewhere"
    if database_url.startswith("sqlite"):
        yield Machine(var_dir, f"sqlite:///{var_dir / 'restored.db'}")
        return
    name = f"teleservices_restored_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield Machine(var_dir, make_url(POSTGRES).set(database=name).render_as_string(hide_password=False))
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def school(run: Command, tmp_path: Path, environment: dict[str, str], database: Database) -> str:  # noqa: F811
    """A school in full use: imported, accounts, a campaign by mail and paper that waits, an upload, a theme, staff."""
    made = run("make-siecle", tmp_path / "siecle", "--students", "30", "--seed", "3", "--json").json["schools"][0]
    uai = made["uai"]
    for command in (("import", *made["files"]), ("generate-accounts", "--uai", uai), ("notify", "--uai", uai, "--yes")):
        assert run(*command).status == 0
    var_dir = Path(environment["VAR_DIR"])
    (var_dir / "theme").mkdir(parents=True)
    (var_dir / "theme" / "theme.css").write_text("body { color: navy }")
    with database.writing() as session:
        establishment = session.scalars(select(Establishment)).one()
        uploaded = [UploadedFile("Élèves.xml", io.BytesIO(b"<x/>"))]
        create_upload(at_desk(session, establishment.id), var_dir, uploaded)
        make_staff(session, "chef", establishment)
    return str(uai)


def rows_of(database: Database) -> dict[str, list[str]]:
    """Every row of every table, but for what a restoration changes on purpose."""
    with database.engine.connect() as connection:
        return {
            name: sorted(repr(tuple(row)) for row in connection.execute(table.select()))
            for name, table in Base.metadata.tables.items()
            if name not in CHANGED_BY_RESTORING
        }
