"""An SMPP server that others wrote (npm's `smpp`), which does to each number what its last figure says."""

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from threading import Event, Thread
from typing import Any

from shared.config import Settings
from tests.conftest import skip_or_fail

NODE = Path(__file__).parent / "notifications" / "sms" / "node"
USER, PASSWORD = "school", "secret"
DELIVERED, UNKNOWN_NUMBER, SILENT, HANGS_UP, THROTTLED, TWICE, UNDELIVERED, REJECTED, ANSWERS_TWICE, HELD = range(10)
"""The last figure of a number; those of the last one are answered once three are in hand, the newest first."""
SECONDS_TO_START = 20


def is_here() -> bool:
    """Whether this machine has it."""
    return shutil.which("node") is not None and (NODE / "node_modules" / "smpp").is_dir()


def command(port: int) -> list[str]:
    """What starts it, in its own folder."""
    return [str(shutil.which("node")), "gateway.mjs", str(port), USER, PASSWORD]


def settings_through(settings: Settings, port: int) -> Settings:
    """The settings of an installation that sends its SMS through it."""
    return settings.model_copy(
        update={
            "sms_driver": "smpp",
            "sms_sender": "COLLEGE",
            "sms_smpp_host": "127.0.0.1",
            "sms_smpp_port": port,
            "sms_smpp_user": USER,
            "sms_smpp_password": PASSWORD,
            "sms_smpp_tls": "none",
        }
    )


class SmppServer:
    """The server, and what it printed so far."""

    def __init__(self, port: int) -> None:
        if not is_here():
            skip_or_fail("no smpp on this machine (npm ci in tests/notifications/sms/node)")
        self.taken: list[dict[str, Any]] = []
        self._listens = Event()
        self._process = subprocess.Popen(command(port), cwd=NODE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> "SmppServer":
        Thread(target=self._read, daemon=True).start()
        assert self._listens.wait(SECONDS_TO_START)
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            said = json.loads(line)
            if said.get("listening"):
                self._listens.set()
            else:
                self.taken.append(said)

    @property
    def numbers(self) -> list[str]:
        return sorted(one["to"] for one in self.taken)

    @property
    def times(self) -> Counter[str]:
        """How often each number was written to."""
        return Counter(one["to"] for one in self.taken)
