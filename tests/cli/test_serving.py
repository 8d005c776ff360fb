"""`teleservices serve`: what it starts, and how it ends; the processes are real."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

from shared.database import Database
from tests.cli.conftest import Command
from tests.patience import ended, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.runs_on("sqlite")]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sante", timeout=30) as said:
            return said.read() == b"ok\n"
    except OSError:
        return False


@contextmanager
def served(environment: dict[str, str], *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "shared.cli", "serve", *options]
    with subprocess.Popen(command, env={**os.environ, **environment, "WEB_CONCURRENCY": "1"}) as server:
        family = [server.pid]
        try:
            yield server
        finally:
            family += [one.pid for one in psutil.process_iter() if _is_of(one, server.pid)]
            for process in family:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)


def _is_of(process: psutil.Process, wrapper: int) -> bool:
    try:
        return process.environ().get("TELESERVICES_WRAPPER") == str(wrapper)
    except psutil.Error:
        return False


def test_one_application_alone_and_an_end_that_is_no_failure(environment: dict[str, str], database: Database) -> None:
    port = free_port()
    with served(environment, "--only", "portal", "--portal-port", str(port)) as server:
        wait_until(lambda: answers(port), "the portal answers")
        commands = [" ".join(one.cmdline()) for one in psutil.process_iter() if _is_of(one, server.pid)]
        assert any("gunicorn.portal" in one for one in commands)
        assert [one for one in commands if "worker" in one or "gunicorn.admin" in one] == []
        server.send_signal(signal.SIGTERM)
        assert ended(server) == 0


def test_a_mailbox_beside_one_application_is_a_wrong_usage(run: Command) -> None:
    assert run("serve", "--only", "portal", "--mailbox-port", "5003").status == 2
