"""What lays letters out is loaded while the command that writes them is read."""

from collections.abc import Sequence

import click
import pytest
from click.testing import CliRunner

from shared import apart
from shared.cli import teleservices
from shared.cli.program import COMMANDS

TO_A_FILE = ("--uai", "9740001H", "--pdf", "letters.pdf")


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A line for each time that it was."""
    times: list[str] = []
    monkeypatch.setattr(apart, "begin_to_load", lambda: times.append("begun"))
    return times


def typed(*arguments: str) -> None:
    assert CliRunner().invoke(teleservices, [*arguments, "--help"]).exit_code == 0


@pytest.mark.parametrize("name", ["notify", "remind"])
@pytest.mark.parametrize("options", [(*TO_A_FILE, "--yes"), ("--yes", "--pdf=letters.pdf")])
def test_it_begins_before_the_command_is_read(name: str, options: Sequence[str], begun: list[str]) -> None:
    typed(name, *options)
    assert begun == ["begun"]


@pytest.mark.parametrize(
    "arguments", [("notify",), ("notify", *TO_A_FILE), ("notify", "--yes"), ("accounts", "--json")]
)
def test_it_does_not_where_no_letter_is_made(arguments: Sequence[str], begun: list[str]) -> None:
    typed(*arguments)
    assert begun == []


def test_it_does_not_for_a_shell_that_completes(begun: list[str]) -> None:
    asked = click.Context(teleservices, resilient_parsing=True)
    teleservices.resolve_command(asked, ["notify", *TO_A_FILE, "--yes"])
    assert begun == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_knows_who_writes_letters(name: str) -> None:
    with click.Context(teleservices) as context:
        command = teleservices.get_command(context, name)
    assert command is not None
    options = {option for parameter in command.params for option in parameter.opts}
    assert COMMANDS[name].writes_letters == ({"--pdf", "--yes"} <= options)
