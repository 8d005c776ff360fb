"""Whoever sends slowly keeps nobody else waiting; the servers are real."""

import contextlib
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from shared.web.serving import HurriedWorker
from tests.patience import STILL_SECONDS, ended, wait_until
from tests.ports import free_port

THREADS = 2
LONG = 20_000_000
FORM = b"POST /connexion HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"


class Impatient(HurriedWorker):
    """The same, in less time."""

    seconds_for_headers = seconds_for_body = 1
    slowest_upload = 60_000


class Crowded(Impatient):
    """The same, with room for few connections, which may be silent for as long as they like."""

    seconds_for_headers = 3600
    most_connections = 120


def application(environ, start_response):
    """Reads what it is sent, and says how much that was; or says much more than a connection holds."""
    if environ["PATH_INFO"] == "/long":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(LONG))])
        return [b"y" * LONG]
    read = len(environ["wsgi.input"].read())
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(read).encode()]


@pytest.fixture
def address(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """Where a server listens; its worker is `Impatient`, unless the test names another one."""
    chosen = getattr(request, "param", Impatient)
    address = ("127.0.0.1", free_port())
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{address[1]}", "--threads", str(THREADS)]
    worker = ["--worker-class", f"tests.web.test_serving.{chosen.__name__}", "--no-control-socket", "--reuse-port"]
    server = subprocess.Popen([*command, *worker, "--log-level", "critical", "tests.web.test_serving:application"])
    try:
        yield address
    finally:
        server.terminate()
        ended(server)


def connect(address: tuple[str, int]) -> socket.socket:
    opened: list[socket.socket] = []

    def listens() -> bool:
        with contextlib.suppress(OSError):
            opened.append(socket.create_connection(address, timeout=STILL_SECONDS))
        return bool(opened)

    wait_until(listens, "the server starts")
    return opened[0]


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


def open_silently(address: tuple[str, int], count: int, source: str = "127.0.0.1") -> list[socket.socket]:
    """Connections that never say anything."""
    return [socket.create_connection(address, 30, (source, 0)) for _ in range(count)]


@contextlib.contextmanager
def held(connections: list[socket.socket]) -> Iterator[None]:
    try:
        yield
    finally:
        for connection in connections:
            connection.close()


@pytest.mark.slow
def test_many_silent_connections_of_many_networks_keep_nobody_out(address: tuple[str, int]) -> None:
    assert ask(address).startswith(b"HTTP/1.1 200 OK")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    silent = [one for network in range(2, 25) for one in open_silently(address, 100, f"127.0.0.{network}")]
    with held(silent):
        assert len(silent) == 2300
        for _ in range(5):
            assert ask(address).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.slow
def test_of_one_network_that_has_too_many_the_one_that_waits_longest_is_closed(address: tuple[str, int]) -> None:
    assert ask(address).startswith(b"HTTP/1.1 200 OK")
    silent = open_silently(address, Impatient.most_waiting_of_home + 5, "127.0.0.2")
    with held(silent):
        assert silent[0].recv(1) == b""
        silent[-1].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert silent[-1].recv(12) == b"HTTP/1.1 200"


@pytest.mark.slow
@pytest.mark.parametrize("address", [Crowded], indirect=True)
def test_when_there_are_too_many_in_all_the_network_that_has_most_makes_room(address: tuple[str, int]) -> None:
    assert ask(address).startswith(b"HTTP/1.1 200 OK")
    few = open_silently(address, 20, "127.0.0.2")
    many = open_silently(address, Crowded.most_connections, "127.0.0.3")
    with held([*few, *many]):
        assert ask(address).startswith(b"HTTP/1.1 200 OK")
        assert many[0].recv(1) == b""
        for connection in (few[0], many[-1]):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(12) == b"HTTP/1.1 200"


@pytest.mark.slow
def test_those_who_read_slowly_hold_no_thread(address: tuple[str, int]) -> None:
    slow = [connect(address) for _ in range(2 * THREADS)]
    with held(slow):
        for reader in slow:
            reader.sendall(b"GET /long HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert ask(address).startswith(b"HTTP/1.1 200 OK")
        answer = slow[0].makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert answer.endswith(b"y" * LONG)


@pytest.mark.slow
def test_those_who_do_not_hang_up_hold_nobody(address: tuple[str, int]) -> None:
    assert ask(address).startswith(b"HTTP/1.1 200 OK")
    stay = [connect(address) for _ in range(160)]
    with held(stay):
        for connection in stay:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        # One after the other, they would have two seconds each: longer than anybody here waits.
        assert ask(address).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.slow
def test_requests_sent_together_are_answered_in_turn(address: tuple[str, int]) -> None:
    with connect(address) as connection:
        one = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
        last = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        connection.sendall(one + one + last)
        answers = connection.makefile("rb").read()
    assert answers.count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.slow
def test_a_large_body_arrives_whole(address: tuple[str, int]) -> None:
    size = 20 * 1024 * 1024
    with connect(address) as connection:
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n"
        connection.sendall(head + f"Content-Length: {size}\r\n\r\n".encode())
        assert connection.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        for _ in range(size // 65536):
            connection.sendall(b"z" * 65536)
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert str(size).encode() in answer


@pytest.mark.slow
@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde", b"400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 70_000, b""),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"200",
        ),
    ],
    ids=["chunked", "two lengths", "below zero", "endless headers", "larger than is received"],
)
def test_a_request_whose_end_is_not_known_is_the_last_of_its_connection(
    address: tuple[str, int], head: bytes, status: bytes
) -> None:
    with connect(address) as connection:
        connection.sendall(head)
        answers = b""
        with contextlib.suppress(ConnectionResetError):
            while more := connection.recv(65536):
                answers += more
    assert answers[9:12] == status
    assert answers.count(b"HTTP/1.1 ") == bool(status)
