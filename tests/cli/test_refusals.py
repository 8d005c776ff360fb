"""How commands say no, and what they say of themselves: in French, with the path, as JSON where it was asked for."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from shared.cli import teleservices
from shared.cli.program import COMMANDS, HIDDEN
from tests.cli.conftest import Command

ROOT = Path(__file__).parents[2]
ENGLISH = re.compile(r"\b(the|this|show|show this|exit|file|number of)\b", re.IGNORECASE)


def options() -> Iterator[tuple[str, click.Option]]:
    with click.Context(teleservices, **teleservices.context_settings) as context:
        for name in ("", *COMMANDS, *HIDDEN):
            command = teleservices.get_command(context, name) if name else teleservices
            assert command is not None
            yield from ((name, one) for one in command.get_params(context) if isinstance(one, click.Option))


def test_every_option_of_every_command_is_explained_in_french() -> None:
    found = list(options())
    assert len(found) > 80
    silent = [(name, one.opts) for name, one in found if not one.hidden and not (one.help or "").strip()]
    assert silent == []
    english = [(name, one.opts) for name, one in found if one.help and ENGLISH.search(one.help)]
    assert english == []


@pytest.mark.parametrize("name", [*COMMANDS])
def test_the_help_of_each_command_names_its_options(run: Command, name: str) -> None:
    said = run(name, "--help")
    assert said.status == 0
    assert "Montrer cette aide." in said.out
    # The parts of its sentences that click writes itself are left.
    assert "Show this message" not in said.out


FILES = {
    "make-siecle": lambda place: ("make-siecle", place / "dossier", "--students", "2"),
    "backup": lambda place: ("backup", place / "copie"),
    "restore": lambda place: ("restore", place),
}


@pytest.mark.parametrize("name", FILES)
def test_what_the_system_refuses_is_a_sentence_with_the_path(
    run: Command, database: object, tmp_path: Path, name: str
) -> None:
    (tmp_path / "fichier").write_text("x")
    # A file stands where a folder should.
    answer = run(*FILES[name](tmp_path / "fichier"), "--json")
    assert answer.status == 1
    assert str(tmp_path / "fichier") in answer.err
    assert answer.err.count("\n") == 1
    assert "Errno" not in answer.err
    assert json.loads(answer.out.splitlines()[-1]) == {"error": answer.err.rstrip("\n")}


def test_a_folder_of_the_installation_that_cannot_be_made_is_named(run: Command) -> None:
    for command in (("init-db",), ("demo", "--students", "2")):
        answer = run(*command, VAR_DIR="/proc/teleservices", DATABASE_URL=None)
        assert (answer.status, "/proc/teleservices" in answer.err) == (1, True), answer.err


@pytest.mark.parametrize(
    ("arguments", "status", "changes"),
    [
        (("accounts", "--uai", "9740009X", "--json"), 1, {}),
        (("generate-accounts", "--json", "--uai", "9740009X"), 1, {}),
        (("release", "--json"), 1, {}),
        (("accounts", "--json", "--uai", "9740009X"), 1, {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}),
        (("accounts", "--json", "--uai", "9740009X"), 1, {"TIME_ZONE": "Nulle/Part"}),
        (("accounts", "--json"), 2, {}),
        (("release", "--json", "--yes", "--drop"), 2, {}),
        (("accounts", "--state", "rien", "--uai", "9740009X", "--json"), 2, {}),
    ],
)
def test_with_json_an_error_is_one_object_and_the_sentence_still_stands_on_the_other_output(
    run: Command, database: object, arguments: tuple[str, ...], status: int, changes: dict[str, str]
) -> None:
    answer = run(*arguments, **changes)
    assert answer.status == status
    assert list(answer.json) == ["error"]
    assert answer.json["error"] in answer.err


def test_without_json_nothing_stands_on_the_standard_output(run: Command, database: object) -> None:
    assert run("accounts", "--uai", "9740009X").out == ""


@pytest.mark.slow
def test_a_shell_completes_commands_as_the_documentation_says() -> None:
    page = (ROOT / "docs" / "exploitation.md").read_text("utf-8")
    assert "_TELESERVICES_COMPLETE=bash_source teleservices" in page
    command = Path(sys.executable).with_name("teleservices")
    environment = {**os.environ, "_TELESERVICES_COMPLETE": "bash_source"}
    script = subprocess.run([command], env=environment, capture_output=True, text=True, check=True).stdout
    assert "complete -o nosort -F _teleservices_completion teleservices" in script
    asked = {"_TELESERVICES_COMPLETE": "bash_complete", "COMP_WORDS": "teleservices re", "COMP_CWORD": "1"}
    found = subprocess.run([command], env={**os.environ, **asked}, capture_output=True, text=True, check=True).stdout
    assert {line.partition(",")[2] for line in found.splitlines()} >= {"restore", "release", "retention", "remind"}
