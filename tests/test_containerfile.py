"""The Containerfile: another account than root, no secret, and commands and places that exist.

`tests/packaging` builds it where buildah can; that takes minutes (`make packages`).
"""

import json
import re
from pathlib import Path

from click.testing import CliRunner

from shared.cli import teleservices

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "Containerfile").read_text("utf-8")
FINAL = TEXT[TEXT.rindex("FROM ") :]
ALLOWED = [line[1:] for line in (ROOT / ".containerignore").read_text("utf-8").splitlines() if line.startswith("!")]


def test_it_runs_as_the_account_that_it_makes() -> None:
    [user] = re.findall(r"^USER (\d+):(\d+)$", FINAL, re.MULTILINE)
    assert user == (re.findall(r"--uid (\d+)", FINAL)[0], re.findall(r"--gid (\d+)", FINAL)[0])
    assert int(user[0]) > 0


def test_it_takes_nothing_from_beside_the_sources() -> None:
    assert (ROOT / ".containerignore").read_text("utf-8").splitlines()[1] == "*"
    assert [name for name in ALLOWED if not (ROOT / name).exists()] == []
    assert not {"var", ".venv", ".git", "tests"} & set(ALLOWED)


def test_what_the_build_needs_is_taken() -> None:
    wheel = re.search(r"only-include = \[(.*)\]", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert wheel is not None
    assert set(re.findall(r'"([^"]+)"', wheel[1])) <= set(ALLOWED)
    assert {"debian/environment", "requirements", "pyproject.toml", "README.md", "LICENSE"} <= set(ALLOWED)


def test_no_secret_is_in_it() -> None:
    assert not re.search(r"(SECRET|KEY|PASSWORD)\w*=", TEXT)


def test_it_starts_a_command_that_exists_with_options_that_exist() -> None:
    [said] = re.findall(r"^CMD (\[.*\])$", FINAL, re.MULTILINE)
    name, *options = json.loads(said)
    shown = CliRunner().invoke(teleservices, [name, "--help"])
    assert shown.exit_code == 0
    assert all(option in shown.output for option in options if option.startswith("--"))
