"""What is read of a request before a thread works on it, and what is kept of an answer until its reader has taken it.

Whoever sends or reads slowly costs a little memory, and no thread.
"""

import re
import socket
from tempfile import SpooledTemporaryFile

LARGEST_HEAD = 64 * 1024
"""Bytes of headers; the parser refuses what goes on."""
IN_MEMORY = 32 * 1024
"""Bytes of a body or of an answer; the rest is in a file that has no name."""

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length[ \t]*+:([^\n]*+)", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding[ \t]*:", re.IGNORECASE | re.MULTILINE)
_EXPECTS = re.compile(rb"^expect[ \t]*:[ \t]*100-continue", re.IGNORECASE | re.MULTILINE)


class Incoming:
    """A request that is being received; afterwards the parser reads it as if it were the socket."""

    def __init__(self, largest_body: int) -> None:
        self._largest_body = largest_body
        self._head = bytearray()
        self._body: SpooledTemporaryFile[bytes] | None = None
        self.is_complete = False
        self.has_begun = False
        self.is_chunked = False
        """Its end is told by itself: no browser sends that, and it is not waited for."""
        self.expects_go_on = False
        self.is_cut = False
        """Its body is not received: what follows on the connection is no request."""
        self.length: int | None = None
        """Of the body, in bytes, once the headers are there."""
        self._missing = 0
        self.rest = b""
        """What was sent behind it: the beginning of the next one."""

    def take(self, data: bytes) -> None:
        """Take what was sent."""
        self.has_begun = True
        if self.length is not None:
            self._take_body(data)
            return
        searched_from = max(0, len(self._head) - len(_END_OF_HEAD))
        self._head += data
        end = self._head.find(_END_OF_HEAD, searched_from)
        if end >= 0:
            body = bytes(self._head[end + len(_END_OF_HEAD) :])
            del self._head[end + len(_END_OF_HEAD) :]
            self._read_head()
            self._take_body(body)
        elif len(self._head) > LARGEST_HEAD:
            self.length, self.is_complete, self.is_cut = 0, True, True

    def recv(self, size: int) -> bytes:
        """For the parser: the next bytes, none at the end."""
        if self._head:
            head = bytes(self._head[:size])
            del self._head[:size]
            return head
        return self._body.read(size) if self._body is not None else b""

    def close(self) -> None:
        """Forget what was received."""
        if self._body is not None:
            self._body.close()
            self._body = None

    def _read_head(self) -> None:
        self.is_chunked = _CHUNKED.search(self._head) is not None
        told = [value.strip(b" \t\r") for value in _LENGTH.findall(self._head)]
        # What is told twice, or is no number, is for the parser to refuse; what is too large, for the page.
        known = len(told) == 1 and told[0].isdigit() and len(told[0]) < 16 and int(told[0]) <= self._largest_body
        self.is_cut = bool(told) and not known
        self.length = self._missing = int(told[0]) if known else 0
        self.expects_go_on = self._missing > 0 and _EXPECTS.search(self._head) is not None
        if self._missing:
            self._body = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the request

    def _take_body(self, data: bytes) -> None:
        ours, self.rest = data[: self._missing], data[self._missing :]
        if self._body is not None:
            self._body.write(ours)
            self._missing -= len(ours)
        if not self._missing:
            self.is_complete = True
            if self._body is not None:
                self._body.seek(0)


class Outgoing:
    """An answer being written, in place of the socket; what its reader does not take at once is kept."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._kept: SpooledTemporaryFile[bytes] | None = None
        self._unsent = b""
        self.waiting = 0
        """Bytes that the reader has not taken yet."""
        self.is_broken = False

    def sendall(self, data: bytes) -> None:
        """Send what can be sent without waiting, and keep the rest."""
        if not self.waiting:
            data = data[self._send(data) :]
        if data and not self.is_broken:
            if self._kept is None:
                self._kept = SpooledTemporaryFile(8 * IN_MEMORY)  # noqa: SIM115 - closed with the answer
            self._kept.write(data)
            self.waiting += len(data)

    def send(self, data: bytes) -> int:
        """The server only says « 100 Continue » in this way: it was said when the headers came."""
        return len(data)

    def gettimeout(self) -> float:
        """It never waits."""
        return 0.0

    def go_on(self) -> None:
        """Send more of what is kept, now that the reader takes some."""
        if not self._unsent and self._kept is not None:
            self._unsent = self._kept.read(8 * IN_MEMORY)
        sent = self._send(self._unsent)
        self._unsent = self._unsent[sent:]
        self.waiting -= sent

    def no_more(self) -> None:
        """Nothing more is written: what is kept is sent from its beginning."""
        if self._kept is not None:
            self._kept.seek(0)

    def discard(self) -> None:
        """Forget what is kept."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _send(self, data: bytes) -> int:
        try:
            return self._connection.send(data) if data else 0
        except BlockingIOError:
            return 0
        except OSError:
            self.is_broken, self.waiting = True, 0
            raise

    # The rest of what the server asks of a socket; whoever waits for it does so elsewhere.

    def setblocking(self, flag: bool) -> None:
        """It never waits."""

    def settimeout(self, seconds: float | None) -> None:
        """It never waits."""

    def shutdown(self, how: int) -> None:
        """The connection is ended elsewhere."""

    def recv(self, size: int) -> bytes:
        """Nothing is read here."""
        return b""

    def close(self) -> None:
        """The connection is closed elsewhere."""

    def fileno(self) -> int:
        """Of the connection."""
        return self._connection.fileno()
