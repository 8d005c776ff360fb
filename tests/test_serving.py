"""Whoever sends slowly keeps nobody else waiting; the servers are real."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from shared.serving import HurriedWorker

THREADS = 2
FORM = b"POST /connexion HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"


class Impatient(HurriedWorker):
    """The same, in less time."""

    seconds_for_headers = seconds_for_body = 1
    slowest_upload = 60_000


def application(environ, start_response):
    """Reads what it is sent, and says how much that was."""
    read = len(environ["wsgi.input"].read())
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(read).encode()]


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = free.getsockname()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{address[1]}", "--threads", str(THREADS)]
    worker = ["--worker-class", "tests.test_serving.Impatient", "--no-control-socket", "--reuse-port"]
    server = subprocess.Popen([*command, *worker, "--log-level", "critical", "tests.test_serving:application"])
    try:
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def connect(address: tuple[str, int]) -> socket.socket:
    for _ in range(300):
        with contextlib.suppress(OSError):
            return socket.create_connection(address, timeout=60)
        time.sleep(0.1)
    raise TimeoutError("the server did not start")


def ask(address: tuple[str, int]) -> bytes:
    with connect(address) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return connection.makefile("rb").read()


@pytest.mark.slow
@pytest.mark.parametrize("beginning", [b"GET / HTTP/1.1\r\nHost: loc", FORM], ids=["headers", "body"])
def test_those_who_send_a_byte_now_and_then_keep_nobody_out(address: tuple[str, int], beginning: bytes) -> None:
    assert ask(address).startswith(b"HTTP/1.1 200 OK")
    stop = Event()

    def drip() -> None:
        with connect(address) as connection, contextlib.suppress(OSError):
            connection.sendall(beginning)
            while not stop.wait(0.2):
                connection.sendall(b"x")

    slow = [Thread(target=drip) for _ in range(2 * THREADS)]
    for thread in slow:
        thread.start()
    try:
        assert ask(address).startswith(b"HTTP/1.1 200 OK")
    finally:
        stop.set()
        for thread in slow:
            thread.join()
