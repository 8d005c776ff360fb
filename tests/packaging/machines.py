"""Machines for docs/exploitation.md to be followed on: clean Debians whose systemd runs, each on its own network."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.conftest import skip_or_fail
from tests.operating.page import commands
from tests.patience import wait_until

FOR_PIP = "[global]\ncert = /etc/pip.crt\ntimeout = 180\ndisable-pip-version-check = true\n"
"""pip trusts whom this machine trusts, and is patient."""
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
EXAMPLES = {"day": "2026-11-28", "moment": "2026-11-28 10:42:00+01"}
FOLLOWED = {
    "Le paquet Debian",
    "Avec systemd, sans le paquet",
    "Sauvegarder",
    "Restaurer",
    "Revenir à un instant (pgBackRest)",
    "Personnels",
    "Mettre à jour",
    "Mettre à jour sans arrêt",
}
"""The sections of the page whose every command is run on such machines."""
OF_IMAGE = "L'image de conteneur"
"""That whose commands make the image that is run."""


class Machine:
    """One that runs; `ran` is what of the page was run on it."""

    def __init__(self, root: Path, leader: int) -> None:
        self.root = root
        self.ran: set[str] = set()
        self._leader = leader

    def run(
        self, script: str, *, folder: str = "/", check: bool = True, outside: bool = False
    ) -> "subprocess.CompletedProcess[str]":
        """Run a script as root there; `outside`, with the network of this machine, where packages come from."""
        within = [f"--target={self._leader}", "--mount", "--pid", "--uts", "--ipc", "--root"]
        network = [] if outside else ["--net"]
        environment = [
            "env",
            "-i",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG=C.UTF-8",
            "DEBIAN_FRONTEND=noninteractive",
        ]
        done = subprocess.run(
            ["nsenter", *within, *network, *environment, "sh", "-c", f"cd {folder} && {script}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done

    def page(self, name: str, path: str = "/", curl: str = "") -> str:
        """A page by its public name, through the relay of that machine."""
        to = f"--connect-to ::127.0.0.1: {curl}"
        command = f"curl --silent --show-error --fail --insecure {to} https://{name}.example.org{path}"
        done = subprocess.run(
            ["nsenter", f"--target={self._leader}", "--net", "sh", "-c", command], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def metrics(self) -> str:
        """What Prometheus reads there."""
        command = ["curl", "--silent", "--fail", "http://127.0.0.1:9464/metrics"]
        return subprocess.run(
            ["nsenter", f"--target={self._leader}", "--net", *command], capture_output=True, text=True, check=False
        ).stdout


def follow(
    machine: Machine, section: str, *, since: str = "", until: str = "", but: str = "", folder: str = "/", **here: str
) -> str:
    """Run the commands of a section in their order, from the first that begins with `since` to `until`, both included.

    `here` says what stands there for what is an example on the page (`EXAMPLES`). Returns what was said.
    """
    said, begun = "", not since
    for command in commands(section):
        begun = begun or command.text.startswith(since)
        if not begun or (but and command.text.startswith(but)):
            continue
        machine.ran.add(command.text)
        text = command.text
        for word, instead in here.items():
            text = text.replace(EXAMPLES[word], instead)
        if text.startswith("apt install"):
            # What it fetches is fetched before: services that it starts are to find the network of their machine.
            machine.run(text.replace("apt install", "apt-get install --download-only", 1), folder=folder, outside=True)
        done = machine.run(
            text, folder=folder, outside=text.startswith("/opt/teleservices/bin/pip "), check=not may_warn(text)
        )
        assert not may_warn(text) or done.returncode in (0, 1, 2), done.stdout + done.stderr
        said += done.stdout + done.stderr
        if until and command.text.startswith(until):
            break
    return said


def may_warn(command: str) -> bool:
    """Whether it judges: 1 and 2 are answers too."""
    return command.startswith(("teleservices check", "teleservices status", "teleservices sso check"))


@contextmanager
def booted(root: Path) -> Iterator[Machine]:
    """A machine whose systemd has started what it starts."""
    command = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", "--private-network"]
    options = ["--console=pipe", "--resolv-conf=off", f"--directory={root}"]
    with subprocess.Popen(
        [*command, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            machine = Machine(root, _leader(process))
            wait_until(lambda: _is_up(machine), "systemd starts")
            yield machine
            machine.run("systemctl poweroff", check=False)
        finally:
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=60)
            process.kill()


def _leader(process: "subprocess.Popen[bytes]") -> int:
    """The first process of the machine."""
    found: list[int] = []

    def started() -> bool:
        if process.poll() is not None:
            said = process.stdout.read().decode() if process.stdout else ""
            skip_or_fail(f"no systemd runs in a container here: {said}")
        children = psutil.Process(process.pid).children()
        found.extend(child.pid for child in children if child.name() == "systemd")
        return bool(found)

    wait_until(started, "systemd begins")
    time.sleep(1)
    return found[0]


def _is_up(machine: Machine) -> bool:
    return machine.run("systemctl is-system-running", check=False).stdout.strip() in {"running", "degraded"}
