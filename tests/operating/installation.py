"""An installation whose processes a test starts, stops, kills and replaces, each with the code of its release."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.patience import ended, wait_until

ROOT = Path(__file__).parents[2]
SECRETS = {
    "SECRET_KEY": "zT9-test-only-key-1c0e5f7a8b2d4c6e9f0a",
    "INITIAL_PASSWORD_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
}
NAMES = {"portal": "portail.example.org", "admin": "administration.example.org"}
OF_THE_TESTER = ("PATH", "HOME", "TMPDIR", "LANG")


@dataclass(frozen=True)
class Installation:
    """What all its processes have in common."""

    folder: Path
    database_url: str
    redis_url: str
    smtp: Mapping[str, str]
    """`SMTP_HOST` and `SMTP_PORT`."""

    def environment(self, code: Path = ROOT) -> dict[str, str]:
        """The settings, and nothing of the tester's; `code` goes before what is installed here."""
        kept = {name: os.environ[name] for name in OF_THE_TESTER if name in os.environ}
        return {
            **kept,
            **SECRETS,
            **self.smtp,
            "PYTHONPATH": str(code),
            "PYTHONDONTWRITEBYTECODE": "1",
            "VAR_DIR": str(self.folder / "var"),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "MAIL_FROM": "ne-pas-repondre@example.org",
            "TRUSTED_PROXIES": "1",
            "WEB_CONCURRENCY": "1",
            **{f"PUBLIC_{application.upper()}_URL": f"https://{name}" for application, name in NAMES.items()},
        }

    def run(self, *arguments: str, code: Path = ROOT) -> None:
        """Run a program of this Python to its end."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment(code),
            cwd=code,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(
        self, kind: str, address: str = "", *, code: Path = ROOT, within: Sequence[str] = (), **changes: str
    ) -> "Process":
        """Start a portal or an admin answering at `address`, or a worker; its command preceded by `within`."""
        commands = {
            "worker": ["-m", "shared.cli", "worker"],
            "portal": ["-m", "gunicorn", "-c", "python:shared.web.gunicorn.portal"],
            "admin": ["-m", "gunicorn", "-c", "python:shared.web.gunicorn.admin"],
        }
        binds = {"PORTAL_BIND": address, "ADMIN_BIND": address} if address else {}
        log = (self.folder / f"{kind}-{address or len(list(self.folder.glob('worker-*')))}.log").open("ab")
        with log:
            started = subprocess.Popen(
                [*within, sys.executable, *commands[kind]],
                env=self.environment(code) | binds | changes,
                cwd=code,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return Process(kind, address, started, Path(log.name))


@dataclass(frozen=True)
class Process:
    """One that runs: a server with its own processes below it, or a worker."""

    kind: str
    address: str
    started: "subprocess.Popen[bytes]"
    log: Path

    def ready(self) -> "Process":
        """Itself, once it answers; a worker has nothing to answer."""
        if self.address:
            wait_until(self._answers, f"{self.kind} answers at {self.address}")
        return self

    def _answers(self) -> bool:
        assert self.started.poll() is None, self.log.read_text("utf-8")
        with suppress(URLError, OSError), urlopen(f"http://{self.address}/sante", timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def stop(self) -> None:
        """As systemd does: it ends what it is at, and by 0."""
        self.started.send_signal(signal.SIGTERM)
        assert ended(self.started) == 0, self.log.read_text("utf-8")

    def kill(self) -> None:
        """`kill -9` of it and of all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.started.pid, signal.SIGKILL)
        self.started.wait()
