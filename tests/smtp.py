"""A real mail server for the tests: it keeps what it receives, and refuses, puts off or hangs up when told to."""

import asyncio
import email
import email.policy
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

Answer = Callable[[str], str | None]
ACCEPTED = "250 OK"


def address_in(message: EmailMessage) -> str:
    """The address that a message is to, without the name beside it."""
    return parseaddr(str(message["To"]))[1]


@dataclass
class Mailbox:
    """What the server received, and how it answers."""

    messages: list[EmailMessage] = field(default_factory=list)
    connections: int = 0
    answer_recipient: Answer = lambda _address: None
    answer_data: Answer = lambda _address: None
    seconds_to_accept: float = 0.0
    """How long it takes to accept a message, as a server that looks into each does."""
    seconds_to_greet: float = 0.0
    """How long it takes to say a word to who connects."""
    hang_up_in_data: list[str] = field(default_factory=list)
    """Addresses to hang up on, once each, while their message comes in: before its final dot."""
    hang_up_before_accepting: list[str] = field(default_factory=list)
    """Addresses to hang up on, once each, after the message was sent and before it is accepted."""
    hang_up_after_accepting: list[str] = field(default_factory=list)
    """Addresses to hang up on, once each, when the message was accepted but the client does not know it yet."""

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.messages if address_in(message) == address]

    @property
    def recipients(self) -> Counter[str]:
        return Counter(map(address_in, self.messages))

    async def handle_RCPT(  # noqa: N802 - the server calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answer_recipient(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or ACCEPTED

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        address = envelope.rcpt_tos[0]
        if answer := self.answer_data(address):
            return answer
        if address in self.hang_up_before_accepting:
            self.hang_up_before_accepting.remove(address)
            return self._hang_up(server)
        if self.seconds_to_accept:
            await asyncio.sleep(self.seconds_to_accept)
        self._keep(envelope)
        if address in self.hang_up_after_accepting:
            self.hang_up_after_accepting.remove(address)
            return self._hang_up(server)
        return ACCEPTED

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)

    def _hang_up(self, server: SMTP) -> str:
        transport: Any = server.transport
        transport.abort()
        return ACCEPTED


class _FaultySMTP(SMTP):
    """Falls silent or hangs up where a handler has no say: before its first word, in the middle of a message."""

    async def _handle_client(self) -> None:
        await asyncio.sleep(self.event_handler.seconds_to_greet)
        await super()._handle_client()

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        waiting = self.event_handler.hang_up_in_data
        recipients = self.envelope.rcpt_tos if self.envelope else []
        if recipients and recipients[0] in waiting:
            waiting.remove(recipients[0])
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            assert self.transport is not None
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class _CountingController(Controller):
    def factory(self) -> SMTP:
        self.handler.connections += 1
        return _FaultySMTP(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self) -> None:
        # A port of 0 is only known once it listens.
        assert isinstance(self.server, asyncio.Server)
        self.port = int(self.server.sockets[0].getsockname()[1])
        super()._trigger_server()
        self.handler.connections = 0


class MailServer:
    """Start it, point `SMTP_HOST` and `SMTP_PORT` at it, read `mailbox`."""

    def __init__(self, port: int = 0, host: str = "127.0.0.1") -> None:
        self.host = host
        self.mailbox = Mailbox()
        self._controller = _CountingController(self.mailbox, hostname=host, port=port)

    def __enter__(self) -> "MailServer":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return int(self._controller.port)

    @property
    def environment(self) -> dict[str, str]:
        return {"SMTP_HOST": self.host, "SMTP_PORT": str(self.port)}


def text_of(message: EmailMessage) -> str:
    """The plain text part."""
    part = message.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(message: EmailMessage) -> str:
    """The HTML part."""
    part = message.get_body(("html",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())
