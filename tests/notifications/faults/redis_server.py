"""A Redis of one test's own, which it may stop."""

import contextlib
import subprocess
from pathlib import Path

import redis

from tests.patience import STILL_SECONDS, wait_until
from tests.ports import free_port

PASSWORD = "redis-of-a-test"


class OwnRedis:
    """A server on a port of its own, that keeps nothing."""

    def __init__(self, program: str, folder: Path, host: str = "127.0.0.1") -> None:
        self._host, self._port = host, free_port()
        keeps_nothing = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        self._command = [program, "--port", str(self._port), "--bind", host, "--requirepass", PASSWORD, *keeps_nothing]
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What `REDIS_URL` says."""
        return f"redis://:{PASSWORD}@{self._host}:{self._port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._server = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        wait_until(self._answers, "Redis starts")

    def stop(self) -> None:
        """Stop it, as somebody who updates it does."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(STILL_SECONDS)
            self._server = None

    def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError):
            return bool(redis.Redis.from_url(self.url).ping())
        return False
