"""Tables made, brought forward and back by commands: two at once, with rows in them, of a later version (R38)."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import inspect, select

from shared import schema
from shared.database import Base, Database
from shared.migrations.version import known_revisions
from shared.models.accounts import Account
from shared.models.teleservices import Teleservice
from tests.cli.conftest import Command
from tests.factories import make_account, make_establishment, make_guardian, make_student
from tests.patience import ended
from tests.watching.versions import LATER, tables_of

pytestmark = pytest.mark.both_databases
AT_ONCE = 3


@pytest.mark.slow
def test_several_that_prepare_one_base_at_once_wait_for_each_other(
    environment: dict[str, str], database: Database
) -> None:
    schema.downgrade(database.engine, "base")
    database.dispose()
    command = [sys.executable, "-m", "shared.cli", "init-db"]
    started = [
        subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(AT_ONCE)
    ]
    statuses = [ended(one) for one in started]
    assert (statuses, [one.stderr.read() for one in started if one.stderr]) == ([0] * AT_ONCE, [b""] * AT_ONCE)
    assert set(inspect(database.engine).get_table_names()) >= set(Base.metadata.tables)
    with database.reading() as session:
        labels = session.scalars(select(Teleservice.label)).all()
    assert len(labels) == len(set(labels)) > 0


def test_a_base_of_a_later_version_is_recognised(run: Command, database: Database) -> None:
    with tables_of(database, LATER):
        for command in (("init-db",), ("daily",), ("downgrade", "--to", "0034", "--yes")):
            answer = run(*command)
            assert (answer.status, "Base plus récente que le logiciel" in answer.err) == (1, True), command
            assert f"--to {known_revisions()[0]}" in answer.err


def test_tables_go_back_and_forth_with_rows_in_them(run: Command, database: Database) -> None:
    with database.writing() as session:
        school = make_establishment(session)
        make_account(session, "m.payet", make_guardian(session, school, make_student(session, school)))
    newest = known_revisions()[0]
    said = run("downgrade", "--to", "0033")
    assert said.status == 0
    assert "Rien n'a changé" in said.out
    assert run("downgrade", "--to", newest).status == 1
    done = run("downgrade", "--to", "0033", "--yes", "--json").json
    assert (done["undone"][0], done["undone"][-1], done["done"]) == (newest, "0034", True)
    assert "n'est pas à jour" in run("daily").err
    assert run("init-db").status == 0
    with database.reading() as session:
        assert session.scalars(select(Account.identifier)).all() == ["m.payet"]


@pytest.mark.parametrize("revision", ["0000", "zorglub", "9999", ""])
def test_tables_that_no_version_had_are_refused(run: Command, database: Database, revision: str) -> None:
    answer = run("downgrade", "--to", revision, "--yes")
    assert (answer.status, "Aucune version" in answer.err) == (1, True)
    assert run("init-db").status == 0
