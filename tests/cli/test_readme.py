"""The README names every command that `teleservices --help` shows, and none that it does not."""

import re
from pathlib import Path

from click.testing import CliRunner

from shared.cli import teleservices

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
ROW = re.compile(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| (.*) \|$", re.MULTILINE)
ROWS = ROW.findall(README.partition("### Ligne de commande")[2].partition("\n## ")[0])


def test_every_command_has_its_line_in_the_readme() -> None:
    shown = CliRunner().invoke(teleservices, ["--help"]).output.partition("Commands:")[2]
    commands = re.findall(r"^  ([a-z-]+)  ", shown, re.MULTILINE)
    named = [name for names, _ in ROWS for name in re.findall(r"`([a-z-]+)`", names)]
    assert len(commands) > 20
    assert sorted(named) == sorted(commands)


def test_every_line_says_something() -> None:
    assert [names for names, said in ROWS if not said.strip()] == []
