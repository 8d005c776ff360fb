"""The worker of gunicorn that both applications are served by: nobody who is slow holds one of its threads.

Its main thread receives each request whole before a thread works on it, and sends what a slow reader did not take. A
connection waits there for so long, and so many wait for one network; beyond, the one that waits longest is closed.
"""

import contextlib
import os
import resource
import selectors
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from gunicorn.http import get_parser
from gunicorn.workers.gthread import TConn, ThreadWorker

from shared.limits.networks import network_of
from shared.web.slow_clients import Incoming, Outgoing

SECONDS_BEFORE_GIVING_WAY = 0.0005
"""A page waits for the database several times, and each time it is answered for its turn among the threads: Python's
own five milliseconds, at every turn, are longer than the page."""
CHUNK = 64 * 1024
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
REFUSAL = (
    "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n"
    "Connection: close\r\n\r\n"
)
NO_LENGTH = ("411 Length Required", "La longueur de l'envoi n'est pas dite : envoyez-le d'un navigateur.\n")
LARGE = 1024 * 1024
"""Bytes of a body that is a file, and not a form."""
LINGER = 2
"""Seconds that a connection at rest stays open while the worker stops: a request may be on its way."""


class Connection(TConn):
    """A connection, what comes in by it and what goes out."""

    home: str = ""
    incoming: Incoming
    outgoing: Outgoing
    on_disk: int = 0
    """Bytes of its body, when that is large."""


class HurriedWorker(ThreadWorker):
    """Threads that only work, and a main thread that waits for those who are slow, but not for ever."""

    seconds_for_headers: float = 20
    seconds_for_body: float = 60
    seconds_for_reading: float = 60
    """Of an answer."""
    seconds_for_leaving: float = 2
    """Between our last word and the end of the connection."""
    slowest_upload: int = 20_000
    """Bytes a second: a large file gets the time that it takes at this pace."""
    slowest_reader: int = 10_000
    largest_body: int = 201 * 1024 * 1024
    """Bytes; what is larger is not received: its page refuses it by what its headers say."""
    most_on_disk: int = 1024 * 1024 * 1024
    """Bytes of large bodies being received, of one process; beyond, the upload that began first is given up."""
    most_connections: int = 4000
    """Of one process."""
    most_waiting_of_home: int = 200
    """Of one network, in one process; a school has more visitors, who do not all wait at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as gunicorn calls it
        super().__init__(*args, **kwargs)
        # An answer is sent by us: the system would wait for its reader.
        self.cfg.set("sendfile", False)
        # Behind a relay, everybody comes from its address.
        self.limits_homes = os.environ.get("TRUSTED_PROXIES", "") in {"", "0"}
        self._deadlines: dict[Connection, float] = {}
        self._homes: dict[str, dict[Connection, None]] = {}
        self._uploads: dict[Connection, None] = {}
        self._on_disk = 0
        self._looked_at = 0.0
        self._stops_at: float | None = None

    def init_process(self) -> None:
        """Called by gunicorn once, in the process that will answer; returns when it stops."""
        sys.setswitchinterval(SECONDS_BEFORE_GIVING_WAY)
        _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        # A connection may need a second file, for its body.
        self.worker_connections = min(self.most_connections, max(files // 2 - 100, 100))
        super().init_process()

    # What the main thread does.

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection, and wait for what it asks."""
        try:
            client, address = listener.accept()
        except OSError:
            # Gone already, or taken by another process.
            return
        self.nr_conns += 1
        conn = Connection(self.cfg, client, address, listener.getsockname())
        conn.home = network_of(address[0]).home if isinstance(address, tuple) else ""
        self._await_request(conn, self.seconds_for_headers)

    def finish_request(self, conn: Connection, fs: "Future[Any]") -> None:
        """Called when a thread has answered: send what is left of it, then wait for the next request."""
        answered = not fs.cancelled() and fs.exception() is None
        keep = answered and bool(fs.result()) and not conn.incoming.is_cut
        conn.outgoing.no_more()
        if conn.outgoing.waiting:
            seconds = self.seconds_for_reading + conn.outgoing.waiting / self.slowest_reader
            self._wait(conn, selectors.EVENT_WRITE, partial(self._send, keep=keep), seconds)
        else:
            self._go_on(conn, keep)

    def murder_pending(self) -> None:
        """Called all the time: once a second, close whoever is late."""
        now = time.monotonic()
        if now - self._looked_at < 1:
            return
        self._looked_at = now
        if not self.alive and self._stops_at is None:
            self._stops_at = now + LINGER
        stops = self._stops_at is not None and self._stops_at <= now
        for conn, deadline in list(self._deadlines.items()):
            if deadline < now or (stops and not conn.incoming.has_begun):
                self._close(conn)

    def _await_request(self, conn: Connection, seconds: float, begun: bytes = b"") -> None:
        conn.incoming = Incoming(self.largest_body)
        conn.sock.setblocking(False)
        self._wait(conn, selectors.EVENT_READ, self._receive, seconds)
        if begun and conn in self._deadlines:
            self._take(conn, begun)

    def _receive(self, conn: Connection, _sock: object = None) -> None:
        try:
            data = conn.sock.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._take(conn, data)
        else:
            self._close(conn)

    def _take(self, conn: Connection, data: bytes) -> None:
        incoming = conn.incoming
        had_begun, knew_length = incoming.has_begun, incoming.length is not None
        incoming.take(data)
        if not had_begun:
            self._deadlines[conn] = time.monotonic() + self.seconds_for_headers
        if not knew_length and incoming.length is not None and not self._may_go_on(conn, incoming.length):
            return
        if (incoming.length or 0) > LARGE and not self._has_room(conn, len(data)):
            return
        if incoming.is_complete:
            self._stop_waiting(conn)
            self.enqueue_req(conn)

    def _may_go_on(self, conn: Connection, length: int) -> bool:
        """Whether the body is waited for, now that its length is known."""
        if conn.incoming.is_chunked:
            self._refuse(conn, *NO_LENGTH)
            return False
        self._deadlines[conn] = time.monotonic() + self.seconds_for_body + length / self.slowest_upload
        if conn.incoming.expects_go_on:
            with contextlib.suppress(OSError):
                conn.sock.send(GO_ON)
        return True

    def _has_room(self, conn: Connection, received: int) -> bool:
        self._uploads[conn] = None
        conn.on_disk += received
        self._on_disk += received
        if self._on_disk > self.most_on_disk:
            self._close(next(iter(self._uploads)))
        return conn in self._deadlines

    def _refuse(self, conn: Connection, status: str, sentence: str) -> None:
        body = sentence.encode()
        with contextlib.suppress(OSError):
            conn.sock.send(REFUSAL.format(status=status, length=len(body)).encode() + body)
        self._stop_waiting(conn)
        self._leave(conn)

    def _send(self, conn: Connection, _sock: object, *, keep: bool) -> None:
        try:
            conn.outgoing.go_on()
        except OSError:
            self._close(conn)
            return
        if not conn.outgoing.waiting:
            self._stop_waiting(conn)
            self._go_on(conn, keep)

    def _go_on(self, conn: Connection, keep: bool) -> None:
        conn.outgoing.discard()
        self._release(conn)
        if keep and not conn.outgoing.is_broken and self.alive:
            self._await_request(conn, self.cfg.keepalive, conn.incoming.rest)
        else:
            self._leave(conn)

    def _leave(self, conn: Connection) -> None:
        """Say that this was all, and let the other side end: closing at once could cut our last words."""
        with contextlib.suppress(OSError):
            conn.sock.shutdown(socket.SHUT_WR)
            self._wait(conn, selectors.EVENT_READ, self._ignore, self.seconds_for_leaving)
            return
        self._end(conn)

    def _ignore(self, conn: Connection, _sock: object) -> None:
        try:
            more = conn.sock.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        if not more:
            self._close(conn)

    def _wait(self, conn: Connection, event: int, then: Callable[..., None], seconds: float) -> None:
        self.poller.register(conn.sock, event, partial(then, conn))
        self._deadlines[conn] = time.monotonic() + seconds
        neighbours = self._homes.setdefault(conn.home, {})
        neighbours[conn] = None
        if self.limits_homes and len(neighbours) > self.most_waiting_of_home:
            self._close(next(iter(neighbours)))
        if self.nr_conns >= self.worker_connections:
            # Of whoever has most: the one that waits longest.
            fullest = max(self._homes, key=lambda home: len(self._homes[home]))
            self._close(next(iter(self._homes[fullest])))

    def _stop_waiting(self, conn: Connection) -> None:
        self.poller.unregister(conn.sock)
        del self._deadlines[conn]
        self._uploads.pop(conn, None)
        neighbours = self._homes[conn.home]
        neighbours.pop(conn, None)
        if not neighbours:
            del self._homes[conn.home]

    def _close(self, conn: Connection) -> None:
        self._stop_waiting(conn)
        self._end(conn)

    def _end(self, conn: Connection) -> None:
        self._release(conn)
        self.nr_conns -= 1
        conn.close()

    def _release(self, conn: Connection) -> None:
        self._on_disk -= conn.on_disk
        conn.on_disk = 0
        conn.incoming.close()

    # What the threads do.

    def handle(self, conn: Connection) -> Any:  # noqa: ANN401 - private to gunicorn
        """Answer a request that was received whole; called in a thread."""
        client, conn.outgoing = conn.sock, Outgoing(conn.sock)
        conn.sock, conn.initialized = conn.outgoing, True
        conn.parser = get_parser(self.cfg, conn.incoming, conn.client)
        try:
            return super().handle(conn)
        finally:
            conn.sock = client
