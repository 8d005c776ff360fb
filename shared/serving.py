"""The worker of gunicorn that both applications are served by: it does not wait for whoever sends slowly.

A thread reads one request at a time. Without a limit, as many connections as there are threads, each sending a byte now
and then, would close the portal to everybody, unless a relay in front reads requests whole.
"""

import socket
import sys
import time
from concurrent.futures import Future
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

SECONDS_BEFORE_GIVING_WAY = 0.0005
"""A page waits for the database several times, and each time it is answered for its turn among the threads: Python's
own five milliseconds, at every turn, are longer than the page."""


class HurriedWorker(ThreadWorker):
    """Threads, and a time by which a request must have come; answers may take as long as they take."""

    seconds_for_headers: float = 20
    seconds_for_body: float = 60
    slowest_upload: int = 20_000
    """Bytes a second: a large file gets the time that it takes at this pace."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as gunicorn calls it
        super().__init__(*args, **kwargs)
        self._deadlines: dict[TConn, float] = {}

    def init_process(self) -> None:
        """Called by gunicorn once, in the process that will answer; returns when it stops."""
        sys.setswitchinterval(SECONDS_BEFORE_GIVING_WAY)
        super().init_process()

    def handle(self, conn: TConn) -> Any:  # noqa: ANN401 - private to gunicorn
        """Read a request and answer it, in a thread."""
        self._deadlines[conn] = time.monotonic() + self.seconds_for_headers
        return super().handle(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:  # noqa: ANN401 - private to gunicorn
        """Answer a request whose headers were read; its body is read meanwhile."""
        length = next((value for name, value in req.headers if name == "CONTENT-LENGTH"), "0")
        bytes_to_come = int(length) if length.isdecimal() else 0
        self._deadlines[conn] = time.monotonic() + self.seconds_for_body + bytes_to_come / self.slowest_upload
        return super().handle_request(req, conn)

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        """Called by the main thread after each request."""
        self._deadlines.pop(conn, None)
        super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Called by the main thread every second: listen no more to whoever is late; what is being said is said."""
        super().murder_pending()
        now = time.monotonic()
        for conn, deadline in list(self._deadlines.items()):
            if deadline < now:
                self._deadlines.pop(conn, None)
                _stop_listening(conn.sock)


def _stop_listening(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        # It is gone already.
        return
