"""`teleservices journal`: every event once, for whoever keeps logs elsewhere."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shared.acting.desk import Act
from shared.database import Database
from shared.journal import COMMAND
from shared.models.journal import Action
from tests.cli.conftest import Command
from tests.factories import NOW
from tests.patience import ended, wait_until


def write(database: Database, *subjects: str) -> None:
    for subject in subjects:
        with database.writing() as session:
            Act(session, COMMAND, NOW).record(Action.ACCOUNT_GENERATED, subject=subject, details={"é": 1})


def subjects(said: str) -> list[str]:
    return [json.loads(line)["subject"] for line in said.splitlines()]


def test_events_are_written_once_and_the_cursor_says_where_to_go_on(
    run: Command, database: Database, tmp_path: Path
) -> None:
    cursor, found = tmp_path / "cursor", list[str]()
    write(database, "p.un", "p.deux")

    def go_on() -> int:
        found.extend(subjects(run("journal", "--json", "--cursor", cursor).out))
        return len(found)

    wait_until(lambda: go_on() == 2, "both are written")
    write(database, "p.trois")
    wait_until(lambda: go_on() == 3, "the third is written")
    assert found == ["p.un", "p.deux", "p.trois"]
    assert run("journal", "--json", "--cursor", cursor).out == ""
    assert [one.name for one in tmp_path.glob("*cursor*")] == ["cursor"]


def test_an_event_has_all_its_fields(run: Command, database: Database) -> None:
    write(database, "p.un")
    lines = list[str]()
    wait_until(lambda: lines.extend(run("journal", "--json").out.splitlines()) or lines, "it is written")
    fields = json.loads(lines[0])
    assert fields.pop("id") > 0
    assert fields == {
        "at": NOW.isoformat(),
        "action": "account_generated",
        "actor": {"kind": "command", "id": None, "name": COMMAND.name},
        "address": None,
        "establishment_id": None,
        "account_id": None,
        "subject": "p.un",
        "details": {"é": 1},
    }


def test_a_cursor_that_is_none_is_refused_with_what_to_do(run: Command, database: Database, tmp_path: Path) -> None:
    (tmp_path / "cursor").write_text("zorglub")
    answer = run("journal", "--cursor", tmp_path / "cursor")
    assert (answer.status, answer.out) == (1, "")
    assert "supprimez-le" in answer.err
    assert run("journal", "--new", "--after", "3").status == 2


def test_a_cursor_that_cannot_be_noted_is_told_of_before_anything_is_written_out(
    run: Command, database: Database, tmp_path: Path
) -> None:
    write(database, "p.un")
    cursor = tmp_path / "nowhere" / "cursor"
    answer = run("journal", "--json", "--cursor", cursor)
    assert (answer.status, list(answer.json)) == (1, ["error"])
    assert answer.json["error"].startswith(f"{cursor}\N{NO-BREAK SPACE}: n'existe pas")


@pytest.mark.slow
def test_it_follows_until_it_is_stopped_and_then_says_that_all_is_well(
    environment: dict[str, str], database: Database, tmp_path: Path
) -> None:
    write(database, "p.un")
    written = tmp_path / "written"
    command = [sys.executable, "-m", "shared.cli", "journal", "--follow", "--json"]
    with (
        written.open("wb") as out,
        subprocess.Popen(command, stdout=out, env={**os.environ, **environment}) as follower,
    ):
        try:
            wait_until(lambda: subjects(written.read_text()) == ["p.un"], "it begins")
            write(database, "p.deux")
            wait_until(lambda: subjects(written.read_text()) == ["p.un", "p.deux"], "it goes on")
            follower.send_signal(signal.SIGTERM)
            assert ended(follower) == 0
        finally:
            follower.kill()
