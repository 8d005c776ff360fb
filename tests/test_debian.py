"""What the Debian package is made of: one version, settings that exist, and a command that never runs as root.

`tests/packaging` builds it and installs it; that takes minutes (`make packages`).
"""

import json
import os
import re
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from shared.config import Settings

ROOT = Path(__file__).parent.parent
COMMAND = ROOT / "debian" / "command.py"
ENVIRONMENT = ROOT / "debian" / "environment"
SETTINGS = (ROOT / "docs" / "systemd" / "teleservices.env").read_text("utf-8")
SECRET = {name.upper() for name, field in Settings.model_fields.items() if not field.repr}
OF_SERVERS = {"PORTAL_BIND", "ADMIN_BIND", "FRONT_BIND", "WEB_CONCURRENCY"}
NOBODY = 65534


@pytest.fixture(scope="module")
def command() -> dict[str, Any]:
    return runpy.run_path(str(COMMAND))


def test_the_package_and_the_change_log_have_the_version_of_the_software() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    newest = (ROOT / "debian" / "changelog").read_text("utf-8").partition("\n")[0]
    assert newest.startswith(f"teleservices ({version}) ")
    told = re.search(r"^## (\S+) ", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert told is not None
    assert version.removesuffix(".0") == told[1]


def test_the_file_of_settings_names_each_that_is_no_secret_and_sets_none() -> None:
    assert [line for line in SETTINGS.splitlines() if line and not line.startswith("#")] == []
    named = set(re.findall(r"^#([A-Z_]+)=", SETTINGS, re.MULTILINE))
    known = {name.upper() for name in Settings.model_fields}
    # The unit says where.
    assert named == (known | OF_SERVERS) - SECRET - {"VAR_DIR"}


def test_what_is_proposed_is_read_and_accepted(command: dict[str, Any]) -> None:
    proposed = command["settings_of"](re.sub(r"^#(?=[A-Z_]+=)", "", SETTINGS, flags=re.MULTILINE))
    assert set(proposed) > OF_SERVERS
    given = {name.lower(): value for name, value in proposed.items() if value and name not in OF_SERVERS}
    Settings(**given)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=value", "value"),
        ("NAME=two words", "two words"),
        ('NAME="two words"', "two words"),
        ("NAME='$kept # as it is'", "$kept # as it is"),
        ("  NAME= value  ", "value"),
        ("NAME=", ""),
        ("NAME=a=b", "a=b"),
    ],
)
def test_a_setting_is_read_as_systemd_reads_it(command: dict[str, Any], line: str, value: str) -> None:
    assert command["settings_of"](f"# a comment\n; another\n\n{line}\n") == {"NAME": value}


@pytest.mark.parametrize("line", ["NAME", "NAME =value", 'NAME="a', 'NAME=a"b"', "NAME=it's", "NAME=a\\", "1=2"])
def test_a_line_that_two_readers_could_take_differently_is_refused(command: dict[str, Any], line: str) -> None:
    with pytest.raises(command["Refused"], match="ligne 2"):
        command["settings_of"](f"\n{line}\n")


def test_a_secret_is_a_file_named_after_its_setting(command: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "SMTP_PASSWORD").write_text("secret\n")
    (tmp_path / "SMTP_PASSWORD.old").write_text("former\n")
    (tmp_path / "SECRET_KEY").mkdir()
    assert command["secrets_in"](tmp_path) == {"SMTP_PASSWORD": "secret"}


@pytest.fixture
def as_nobody() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    account: dict[str, Any] = {} if os.geteuid() else {"user": NOBODY, "group": NOBODY, "extra_groups": []}

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        # Given on standard input: nobody may read the folders above this one.
        return subprocess.run(
            ["/usr/bin/env", "-i", sys.executable if os.geteuid() else "/usr/bin/python3", "-I", "-", *arguments],
            input=COMMAND.read_text("utf-8"),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **account,
        )

    return run


def test_what_an_editor_of_windows_leaves_is_read_or_named(command: dict[str, Any]) -> None:
    assert command["settings_of"]("# a comment\r\nNAME=value\r\n") == {"NAME": "value"}
    with pytest.raises(command["Refused"], match=r"marque invisible \(BOM\)"):
        command["settings_of"]("\N{BYTE ORDER MARK}# a comment\nNAME=value\n")


def test_whoever_may_not_read_the_secrets_is_told_how(
    as_nobody: Callable[..., "subprocess.CompletedProcess[str]"],
) -> None:
    refused = as_nobody("status")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: À lancer en root (sudo teleservices …)")


def test_a_script_is_told_in_json(as_nobody: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    refused = as_nobody("status", "--json")
    assert (refused.returncode, refused.stderr) == (1, "")
    assert json.loads(refused.stdout)["error"].startswith("À lancer en root")


def test_a_command_that_is_only_read_starts_nothing(tmp_path: Path) -> None:
    """What lays letters out and reads imports has a process of its own, which first reads the file of the command."""
    written = re.search(r"<<'WRITTEN'\n(.*?)^WRITTEN$", ENVIRONMENT.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert written is not None
    names = ("teleservices", "gunicorn")
    subprocess.run([sys.executable, "-c", written[1], tmp_path, sys.executable, *names], check=True)
    for name in names:
        assert runpy.run_path(str(tmp_path / name), run_name="__mp_main__")["sys"] is sys
        told = subprocess.run([tmp_path / name, "--version"], capture_output=True, text=True, check=False)
        assert (told.returncode, told.stdout.startswith(name)) == (0, True)


@pytest.mark.parametrize("script", ["rules", "environment", "teleservices.postinst", "teleservices.postrm"])
def test_no_script_asks_or_touches_a_database(script: str) -> None:
    text = (ROOT / "debian" / script).read_text("utf-8")
    commands = re.sub(r"(?m)^\s*#.*$|<<'SAID'\n(?:.*\n)*?SAID$|echo .*$", "", text)
    assert not re.search(r"init-db|createdb|dropdb|psql|debconf|\bread\b", commands)


@pytest.mark.parametrize("script", sorted((ROOT / "debian").glob("teleservices.p*")), ids=lambda path: path.suffix)
def test_the_shell_can_read_the_script(script: Path) -> None:
    assert subprocess.run(["sh", "-n", script], capture_output=True, text=True, check=False).stderr == ""


def test_every_file_that_the_page_leads_to_comes_with_the_package() -> None:
    """Whoever installs it has nothing else to read."""
    led = set(re.findall(r"\]\((?!#|https?:)([^)#]+)", (ROOT / "docs" / "exploitation.md").read_text("utf-8")))
    brought = [f"docs/{name}" for name in led]
    patterns = (ROOT / "debian" / "teleservices.docs").read_text("utf-8").split()
    assert len(led) > 3
    assert [one for one in brought if not (ROOT / one).exists()] == []
    assert [one for one in brought if not any(fnmatch(one, pattern) for pattern in patterns)] == []
