"""Each `teleservices …` and `gunicorn …` of docs/exploitation.md, run by a shell as it stands there.

A command that is added to the page is run as well, as it is. Paths and ports are those of the test.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.operating.installation import SECRETS
from tests.operating.page import commands, commands_in_sentences
from tests.patience import ended, wait_until
from tests.ports import free_port

BIN = Path(sys.executable).parent
RUN_HERE = ("teleservices ", "gunicorn ", "eval ", "export ")
IN_BLOCKS = {command.text for command in commands() if command.text.startswith(RUN_HERE)}
IN_SENTENCES = {
    command
    for command in commands_in_sentences()
    if command.startswith(RUN_HERE) and not any(other.startswith(command) for other in IN_BLOCKS)
}
HERE = sorted(IN_BLOCKS | IN_SENTENCES)
SERVING = ("teleservices serve", "teleservices metrics", "gunicorn ")
LASTING = ("teleservices worker", "teleservices journal --follow")
OF_MONITORING = ("teleservices check", "teleservices status", "teleservices sso check")
"""Of them, 1 and 2 are answers too."""
BACKUP = "teleservices backup /srv/copies/$(date +%F)"
RESTORE = "teleservices restore /srv/copies/2026-11-28"
BEFORE = {
    "teleservices restore": [BACKUP],
    "teleservices release": [BACKUP, RESTORE],
    "teleservices reset-staff": ["teleservices create-staff --login recteur --role academy --name J"],
}
pytestmark = pytest.mark.slow


class Shell:
    """Runs commands of the page in one installation; what is restored is restored to another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{name: os.environ[name] for name in ("HOME", "TMPDIR") if name in os.environ},
            **SECRETS,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "VAR_DIR": str(folder / "var"),
            "WEB_CONCURRENCY": "1",
        }

    def here(self, command: str) -> str:
        """The command with the places of the test."""
        for there in ("/srv/copies", "/var/lib/teleservices"):
            command = command.replace(there, str(self.folder / Path(there).name))
        return command.replace("2026-11-28", time.strftime("%F"))

    def run(self, command: str) -> "subprocess.CompletedProcess[str]":
        if command == RESTORE:
            self.environment["VAR_DIR"] = str(self.folder / "elsewhere")
        return subprocess.run(
            ["bash", "-c", self.here(command)],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def must(self, command: str) -> None:
        done = self.run(command)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    for name in ("copies", "teleservices"):
        (tmp_path / name).mkdir()
    shell.must("teleservices init-db")
    return shell


def refuses_nothing(text: str) -> bool:
    return not text.startswith((*SERVING, *LASTING, "eval ", "export "))


@pytest.mark.parametrize("command", list(filter(refuses_nothing, HERE)))
def test_a_command_of_the_page_ends_well(shell: Shell, command: str) -> None:
    for beginning, steps in BEFORE.items():
        for step in steps if command.startswith(beginning) else ():
            shell.must(step)
    done = shell.run(command)
    assert "Traceback" not in done.stderr
    assert done.returncode in ((0, 1, 2) if command.startswith(OF_MONITORING) else (0,)), done.stdout + done.stderr
    assert done.stdout


@pytest.mark.parametrize("command", [command for command in HERE if command.startswith((*SERVING, *LASTING))])
def test_a_server_of_the_page_answers_and_ends_as_it_is_told(shell: Shell, command: str) -> None:
    ports = [free_port(), free_port()]
    binds = {"PORTAL_BIND": f"127.0.0.1:{ports[0]}", "ADMIN_BIND": f"127.0.0.1:{ports[1]}"}
    asked = {"serve": f" --portal-port {ports[0]} --admin-port {ports[1]}", "metrics": f" --port {ports[0]}"}
    options = next((each for name, each in asked.items() if command.startswith(f"teleservices {name}")), "")
    with subprocess.Popen(
        shlex.split(shell.here(command) + options),
        env=shell.environment | binds,
        cwd=shell.folder,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            if command.startswith(SERVING):
                path = "/metrics" if "metrics" in command else "/sante"
                wait_until(lambda: any(answers(port, path) for port in ports), "it answers")
            else:
                wait_until(lambda: handles_the_signal(process.pid), "it has begun")
        finally:
            process.send_signal(signal.SIGTERM)
        assert ended(process) == 0


def answers(port: int, path: str) -> bool:
    with suppress(URLError, OSError), urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def handles_the_signal(pid: int) -> bool:
    """Whether the process says itself what SIGTERM does, which it does once it is at work."""
    caught = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def test_the_settings_of_one_machine_are_exported_as_the_page_says(shell: Shell) -> None:
    [export] = [command for command in HERE if command.startswith("export ")]
    for name, key in SECRETS.items():
        export = export.replace(f"{name}=…", f"{name}={key}")
        del shell.environment[name]
    shell.must(f"{export.removesuffix(' …')}; teleservices status; test $? -lt 3 && teleservices init-db")


def test_the_shell_completes_commands_as_the_page_says(shell: Shell) -> None:
    [completion] = [command for command in HERE if command.startswith("eval ")]
    shell.must(f"{completion} && complete -p teleservices")


def test_the_journal_names_the_identifiers_given_since_a_copy_as_the_page_says(shell: Shell) -> None:
    [given] = [command for command in commands_in_sentences() if command.startswith("jq ")]
    shell.must("teleservices make-siecle school --students 3 --seed 7")
    shell.must(
        "teleservices import --uai $(ls school) school/*/*.zip && teleservices generate-accounts --uai $(ls school)"
    )
    shell.must(f"{BACKUP} && teleservices journal --json | {given} > liste.txt && test -s liste.txt")
    shell.environment["VAR_DIR"] = str(shell.folder / "elsewhere")
    shell.must(f"{RESTORE} --given liste.txt")


def test_a_secret_drawn_as_the_page_says_is_strong_enough(shell: Shell) -> None:
    [drawn] = [command for command in commands_in_sentences() if command.startswith("openssl ")]
    shell.must(f"SMS_RECEIPTS_SECRET=$({drawn}) teleservices status; test $? -lt 3")
