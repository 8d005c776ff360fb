"""pgBackRest, as docs/exploitation.md has it: the base as it was before a mistake, on a PostgreSQL of its own."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from shared.accounts.directory.identifiers import give_identifiers
from shared.database import Database
from shared.models.accounts import Account
from shared.models.background import Restoration
from tests.cli.conftest import Command
from tests.conftest import skip_or_fail
from tests.factories import NOW, make_account
from tests.notifications.faults.postgresql import Cluster, own_cluster, run_as_its_owner
from tests.patience import wait_until

PAGE = (Path(__file__).parents[2] / "docs" / "exploitation.md").read_text("utf-8")
ARCHIVING = "archive-push %p"
RESTORING = "--type=time --target-action=promote --delta"


class Archive:
    """What pgBackRest is told of one cluster."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.program = str(shutil.which("pgbackrest"))
        settings = folder / "pgbackrest.conf"
        settings.write_text(
            f"[global]\nstart-fast=y\nrepo1-retention-full=2\nrepo1-path={folder}/repo\nlog-path={folder}\nlock-path={folder}/lock\n"
            f"[teleservices]\npg1-path={cluster.folder}\npg1-port={cluster.port}\npg1-socket-path={cluster.folder}\n"
        )
        self.options = (f"--config={settings}", "--stanza=teleservices", "--log-level-console=warn")

    def do(self, *arguments: str) -> None:
        run_as_its_owner(self.program, *self.options, *arguments)

    @property
    def command(self) -> str:
        return " ".join([self.program, *self.options, ARCHIVING])


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    if shutil.which("pgbackrest") is None:
        skip_or_fail("no pgbackrest on this machine")
    with own_cluster() as cluster:
        if cluster is None:
            skip_or_fail("the programs of PostgreSQL are not on this machine")
        yield cluster


@pytest.fixture
def archive(cluster: Cluster) -> Iterator[Archive]:
    folder = Path(tempfile.mkdtemp(prefix="teleservices-pgbackrest-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    archive = Archive(cluster, folder)
    for setting in ("archive_mode = on", "wal_level = replica", f"archive_command = '{archive.command}'"):
        ask(cluster, f"ALTER SYSTEM SET {setting}")
    cluster.crash()
    cluster.start()
    yield archive
    shutil.rmtree(folder, ignore_errors=True)


def ask(cluster: Cluster, statement: str) -> str:
    with psycopg.connect(cluster.url.replace("+psycopg", ""), autocommit=True) as connection:
        asked = connection.execute(statement)
        return str(asked.fetchone()) if asked.description else ""


@pytest.mark.slow
@pytest.mark.runs_on("postgresql")
def test_the_base_comes_back_as_it_was_before_a_mistake_and_then_holds_what_waits(
    cluster: Cluster, archive: Archive, run: Command
) -> None:
    assert ARCHIVING in PAGE
    assert RESTORING in PAGE
    here = {"DATABASE_URL": cluster.url.replace("+psycopg", "")}
    assert run("init-db", **here).status == 0
    archive.do("stanza-create")
    archive.do("check")
    archive.do("backup")
    database = Database(cluster.url)
    with database.writing() as session:
        make_account(session, "p.apres")
    # It counts in whole seconds what ended before what.
    saved = ask(cluster, "SELECT now()::text").strip("(),'")
    wait_until(lambda: "True" in ask(cluster, f"SELECT now() > '{saved}'::timestamptz + interval '2 s'"), "a second")
    moment = ask(cluster, "SELECT clock_timestamp()::text").strip("(),'")
    with database.writing() as session:
        make_account(session, "p.erreur")
    ask(cluster, "SELECT pg_switch_wal()")
    archive.do("check")
    database.dispose()
    cluster.crash()
    archive.do(*RESTORING.split(), f"--target={moment}", "restore")
    for left in cluster.folder.glob(".s.PGSQL.*"):
        # Its socket is among its files, which no installation does.
        left.unlink()
    cluster.start()
    wait_until(lambda: "False" in ask(cluster, "SELECT pg_is_in_recovery()"), "the end of the recovery")
    with database.reading() as session:
        assert session.scalars(select(Account.identifier)).all() == ["p.apres"]
    assert run("hold", **here).status == 0
    with database.writing() as session:
        assert session.scalars(select(Restoration)).one().released_at is None
        assert give_identifiers(session, ["p.erreur"], NOW) == ["p.erreur1000"]
    database.dispose()
