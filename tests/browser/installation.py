"""A whole installation, as `teleservices serve` runs it: both applications, the worker, a place to read the mails."""

import json
import os
import secrets
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from click.testing import CliRunner

from shared.cli import teleservices
from tests.patience import STILL_SECONDS, ended, wait_until
from tests.ports import free_port


@dataclass
class RunningInstallation:
    """Where it answers, and how to give it commands."""

    environment: dict[str, str]
    admin: str
    portal: str
    mails: str
    process: subprocess.Popen[bytes] | None = None
    more: list[str] = field(default_factory=list)
    """Options of `serve` besides its ports."""

    def command(self, *arguments: str | Path) -> dict[str, Any]:
        """The JSON answer of a `teleservices` command."""
        done = CliRunner().invoke(teleservices, [*map(str, arguments), "--json"], env=self.environment)
        assert done.exit_code == 0, done.output
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def start(self) -> None:
        """Serve, and wait until everything answers."""
        ports = [address.rpartition(":")[2] for address in (self.admin, self.portal, self.mails)]
        options = ["--admin-port", ports[0], "--portal-port", ports[1], "--mailbox-port", ports[2]]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "shared.cli", "serve", *options, *self.more],
            env=self.environment,
            start_new_session=True,
            preexec_fn=_heed_the_terminal,
        )
        for page in (f"{self.admin}/connexion/", f"{self.portal}/connexion", f"{self.mails}/"):
            wait_until(lambda page=page: self._answers(page), f"{page} answers")

    def _answers(self, page: str) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "what serves has ended"
        try:
            urllib.request.urlopen(page, timeout=STILL_SECONDS).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """`kill -9` on every process at once: no chance to put anything in order."""
        if self.process is not None:
            _kill(family_of(self.process))
            ended(self.process)
            self.process = None

    def stop(self) -> None:
        """End it as an operator would; nothing of a test outlives it."""
        if self.process is not None:
            family = family_of(self.process)
            self.process.terminate()
            try:
                ended(self.process)
            finally:
                _kill(family)
                self.process = None


def _heed_the_terminal() -> None:
    """Whatever runs the tests may have been told to outlive its terminal; what an operator starts was not."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def family_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The process and all that it started, which are in sessions of their own."""
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process.pid)
        return [parent, *parent.children(recursive=True)]
    return []


def _kill(family: list[psutil.Process]) -> None:
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=STILL_SECONDS)


@contextmanager
def installed(var_dir: Path, database_url: str, redis_url: str | None) -> Iterator[RunningInstallation]:
    """An installation of its own, running; stopped at the end."""
    admin, portal, mails, smtp = (free_port() for _ in range(4))
    environment = {
        **os.environ,
        "VAR_DIR": str(var_dir),
        "WEB_CONCURRENCY": "1",
        "DATABASE_URL": database_url.replace("+psycopg", ""),
        "REDIS_URL": redis_url or "",
        "SMTP_PORT": str(smtp),
        "PUBLIC_ADMIN_URL": f"http://127.0.0.1:{admin}",
        "PUBLIC_PORTAL_URL": f"http://127.0.0.1:{portal}",
    }
    running = RunningInstallation(
        environment, f"http://127.0.0.1:{admin}", f"http://127.0.0.1:{portal}", f"http://127.0.0.1:{mails}"
    )
    try:
        yield running
    finally:
        running.stop()


def new_password() -> str:
    """A password that nobody chose before."""
    return f"lanterne {secrets.token_hex(4)} sous la pluie"
