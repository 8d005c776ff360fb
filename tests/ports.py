"""Ports for the servers that tests start: two of them never meet on one."""

import fcntl
import os
import socket
import tempfile
from pathlib import Path

_FIRST, _LAST = 20_000, 32_000
"""Below what Linux gives to outgoing connections and to whoever asks for « any » port, so that none of them
takes a port between its choice and the start of the server that listens on it."""


def free_port() -> int:
    """A port that nobody listens on, and that no other test of this machine was given a moment ago."""
    last = Path(tempfile.gettempdir()) / f"teleservices-tests-ports-{os.getuid()}"
    with last.open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.seek(0)
        port = int(held.read() or _FIRST)
        while True:
            port = port + 1 if port < _LAST else _FIRST
            if _is_free(port):
                break
        held.seek(0)
        held.truncate()
        held.write(str(port))
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as asked:
        try:
            asked.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def three_ports() -> int:
    """The first of three that follow each other."""
    for _ in range(100):
        ports = [free_port() for _ in range(3)]
        if ports == list(range(ports[0], ports[0] + 3)):
            return ports[0]
    raise AssertionError("no three ports that follow each other are free")
