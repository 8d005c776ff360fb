"""`teleservices serve`, with clients who are slow in every way: both applications go on answering, and stop."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.database import Database
from tests.benchmarks.portal_load import Parent
from tests.benchmarks.portal_login import SECRETS, wait_for
from tests.factories import make_account, make_establishment, make_guardian, make_student
from tests.patience import STILL_SECONDS, ended
from tests.ports import free_port
from tests.web.slow import slow_clients

PORTS = ("admin", "portal")

pytestmark = pytest.mark.slow


@dataclass
class Served:
    """Both applications, and the process that serves them."""

    ports: dict[str, int]
    process: "subprocess.Popen[bytes]"


@pytest.fixture
def served(sqlite_url: str, tmp_path: Path) -> Iterator[Served]:
    database = Database(sqlite_url)
    with database.writing() as session:
        school = make_establishment(session)
        make_account(session, "m.payet", make_guardian(session, school, make_student(session, school)))
    database.dispose()
    ports = {name: free_port() for name in PORTS}
    environment = {
        **os.environ,
        **SECRETS,
        "DATABASE_URL": sqlite_url,
        "VAR_DIR": str(tmp_path / "var"),
        "PUBLIC_PORTAL_URL": f"http://127.0.0.1:{ports['portal']}",
        "PUBLIC_ADMIN_URL": f"http://127.0.0.1:{ports['admin']}",
        "WEB_CONCURRENCY": "1",
    }
    told = [f"--{name}-port={port}" for name, port in ports.items()]
    command = [sys.executable, "-m", "shared.cli", "serve", *told]
    with (tmp_path / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        for port in ports.values():
            wait_for(port)
        yield Served(ports, process)
    finally:
        process.send_signal(signal.SIGTERM)
        ended(process)


def test_both_applications_answer_while_others_are_slow_in_every_way(served: Served) -> None:
    parent = Parent(served.ports["portal"], "m.payet")
    with slow_clients(served.ports["portal"]), slow_clients(served.ports["admin"]):
        for _ in range(5):
            assert parent.ask("/")
        with socket.create_connection(("127.0.0.1", served.ports["admin"]), STILL_SECONDS) as client:
            client.sendall(b"GET /connexion/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert client.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"


def test_it_stops_although_somebody_is_still_sending(served: Served) -> None:
    with slow_clients(served.ports["portal"]):
        served.process.send_signal(signal.SIGTERM)
        ended(served.process)
