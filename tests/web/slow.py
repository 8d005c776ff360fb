"""Clients of the portal or of the back office who are slow in every way."""

import contextlib
import socket
from collections.abc import Iterator
from threading import Event, Thread

from tests.patience import STILL_SECONDS

OF_EACH_KIND = 16

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
