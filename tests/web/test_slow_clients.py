"""`teleservices serve`, with clients who are slow in every way: both applications go on answering, and stop."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import pytest

from shared.database import Database
from tests.benchmarks.measuring import free_port
from tests.benchmarks.portal_load import Parent
from tests.benchmarks.portal_login import SECRETS, wait_for
from tests.factories import make_account, make_establishment, make_guardian, make_student
from tests.patience import STILL_SECONDS, ended

OF_EACH_KIND = 16
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


BEGINNINGS = {
    "silent": b"",
    "headers": b"GET / HTTP/1.1\r\nHost: loc",
    "body": b"POST /connexion HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n",
    "reader": b"GET /static/portal.css HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20,
}


@contextlib.contextmanager
def slow_clients(port: int) -> Iterator[None]:
    """Sixty-four of them: silent, or sending a byte now and then, or asking for much and reading nothing."""
    kinds = [kind for kind in BEGINNINGS for _ in range(OF_EACH_KIND)]
    clients = {socket.create_connection(("127.0.0.1", port), STILL_SECONDS): kind for kind in kinds}
    for client, kind in clients.items():
        client.sendall(BEGINNINGS[kind])
    stop = Event()

    def drip() -> None:
        while not stop.wait(0.5):
            for client, kind in clients.items():
                if kind in {"headers", "body"}:
                    with contextlib.suppress(OSError):
                        client.sendall(b"x")

    dripping = Thread(target=drip)
    dripping.start()
    try:
        yield
    finally:
        stop.set()
        dripping.join()
        for client in clients:
            client.close()


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
