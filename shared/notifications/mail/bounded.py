"""SMTP clients that are over by a given instant, whatever the server does.

A time-out of the standard library is for one silence: a server that says a letter now and then, or a line that goes on
for ever, holds whoever sends for hours, long past the lease of the mail, which another worker would then send too.
"""

import io
import smtplib
import socket
import time
from typing import Any

NEVER = float("inf")


class _Bounded(smtplib.SMTP):
    """Each wait ends with `ends_at` (of `time.monotonic`) at the latest, and is a time-out then."""

    def __init__(self, *given: Any, ends_at: float = NEVER, **named: Any) -> None:  # noqa: ANN401 - smtplib's own
        self.ends_at = ends_at
        super().__init__(*given, **named)

    def getreply(self) -> tuple[int, bytes]:
        """What the server answers; an `SMTPServerDisconnected` when it has not said it by `ends_at`."""
        if self.file is None:
            self.file = io.BufferedReader(_Replies(self))
        return super().getreply()

    def time_left(self) -> float:
        """The seconds that the next wait may take.

        Raises:
            TimeoutError: none is left.
        """
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return min(self.timeout, left)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # Every address of a name is tried: all of them together get what one would.
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        connected: socket.socket = super()._get_socket(host, port, timeout / len(addresses))  # type: ignore[misc]  # private to smtplib
        return connected


class BoundedSmtp(_Bounded):
    """In plain text, or encrypted by STARTTLS."""


class BoundedSmtpOverTls(_Bounded, smtplib.SMTP_SSL):
    """Encrypted from the first byte."""


class _Replies(io.RawIOBase):
    """What the server of a client says, read as long as there is time for it."""

    def __init__(self, client: _Bounded) -> None:
        super().__init__()
        self._client = client

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        talked_to = self._client.sock
        assert talked_to is not None  # noqa: S101 - a reply comes after a connection
        talked_to.settimeout(self._client.time_left())
        try:
            return talked_to.recv_into(buffer)
        finally:
            # What is sent next has a time-out of its own.
            talked_to.settimeout(self._client.timeout)
