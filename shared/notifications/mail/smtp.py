"""Sends mails through Flask-Mail, over one verified connection for many messages.

Flask-Mail's own connection has no timeout, does not verify certificates, says nothing of refused recipients, and lets
line breaks into extra headers: the subclass here mends these four, and nothing else of it is changed.
"""

import contextlib
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import TracebackType

from flask import Flask
from flask_mail import Connection, Mail, Message, sanitize_address

from shared.config import Settings
from shared.notifications.mail.answers import in_words, refusal, unreachable
from shared.notifications.mail.bounded import BoundedSmtp, BoundedSmtpOverTls
from shared.notifications.mail.mime import TwoPartMessage, named_address, one_line
from shared.notifications.mail.rendering import MailText
from shared.notifications.outbox.leases import (
    ConnectionDropped,
    PermanentFailure,
    ServerUnavailable,
)

TIMEOUT_SECONDS = 20
"""After such a silence a server is taken for gone."""
SECONDS_PER_MAIL = 120
"""For one mail, with all that it takes to be let in, however the server drags it out."""
MESSAGES_PER_CONNECTION = 100
IDLE_SECONDS = 5
"""After such a silence a server may have hung up: it is asked before it is given a mail."""

_DONE = 250
_NOT_IN_AN_ADDRESS = frozenset(' \t\r\n,;:<>()[]\\"')


@dataclass(frozen=True)
class OutgoingMail:
    """One message to one person; `message_id` is the same each time the same row is sent."""

    recipient: str
    words: MailText
    sender_name: str
    message_id: str
    reply_to: str | None = None
    recipient_name: str | None = None
    """Shown beside the address, as the person's own."""


class VerifiedConnection(Connection):
    """Flask-Mail's connection, with a timeout, verified TLS, and refusals that are told."""

    host: BoundedSmtp | BoundedSmtpOverTls | None
    _used_at = 0.0
    _ends_at = 0.0

    def configure_host(self) -> BoundedSmtp | BoundedSmtpOverTls:
        """A connection ready to send: encrypted and logged in as the settings say."""
        place = (self.mail.server, self.mail.port)
        limits = {"timeout": TIMEOUT_SECONDS, "ends_at": self._ends_at}
        if self.mail.use_ssl:
            host: BoundedSmtp | BoundedSmtpOverTls = BoundedSmtpOverTls(*place, context=_verifying(), **limits)
        else:
            host = BoundedSmtp(*place, **limits)
        if self.mail.use_tls:
            host.starttls(context=_verifying())
        if self.mail.username and self.mail.password:
            host.login(self.mail.username, self.mail.password)
        return host

    def begin(self) -> None:
        """Connect, as for a first message.

        Raises:
            SMTPException, OSError: the server cannot be reached, or lets nobody in.
        """
        self._ends_at = time.monotonic() + SECONDS_PER_MAIL
        self.host = self.configure_host()

    def send(self, message: Message, envelope_from: str | tuple[str, str] | None = None) -> None:
        """Hand one message over to the server.

        Raises:
            PermanentFailure: the server refuses this message or this recipient for good.
            TemporaryFailure: it asks to come back later with it.
            ConnectionDropped: it hung up, or fell silent, in the middle: it may have taken the message.
            ServerBusy: it asks to come back later with anything.
            ServerUnavailable: it cannot be reached, or lets nobody in.
        """
        refuse_line_breaks(message)
        message.date = time.time()
        recipients = sorted(str(address) for address in message.send_to)
        content = message.as_bytes()
        sender = sanitize_address(envelope_from or message.sender)
        self._ends_at = time.monotonic() + SECONDS_PER_MAIL
        host = self._reach()
        try:
            refused = host.sendmail(sender, recipients, content)
        except (smtplib.SMTPException, OSError) as error:
            failure = refusal(error)
            if isinstance(failure, ServerUnavailable | ConnectionDropped):
                self.close()
            raise failure from error
        if refused:
            raise refusal(smtplib.SMTPRecipientsRefused(refused))
        self._count()

    def _reach(self) -> BoundedSmtp | BoundedSmtpOverTls:
        if self.host is not None:
            self.host.ends_at = self._ends_at
        if self.host is not None and time.monotonic() > self._used_at + IDLE_SECONDS and not _answers(self.host):
            self.close()
        if self.host is None:
            try:
                self.host = self.configure_host()
            except smtplib.SMTPResponseException as refused:
                # To a greeting or a login: the server would say the same to every message.
                raise ServerUnavailable(in_words(refused.smtp_code, refused.smtp_error)) from refused
            except (smtplib.SMTPException, OSError) as error:
                where = f"{self.mail.server}:{self.mail.port}"
                raise ServerUnavailable(f"serveur de courriel {where} injoignable : {unreachable(error)}") from error
        self._used_at = time.monotonic()
        return self.host

    def _count(self) -> None:
        self._used_at = time.monotonic()
        self.num_emails += 1
        if self.num_emails >= MESSAGES_PER_CONNECTION:
            self.close()

    def close(self) -> None:
        """Leave the server; the next message opens a new connection. What a farewell meets with is of no interest."""
        host, self.host, self.num_emails = self.host, None, 0
        if host is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                host.quit()

    def __enter__(self) -> "VerifiedConnection":
        # Opened by the first message: when nothing is due, the server hears nothing.
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class MailServer:
    """The mail server of the installation."""

    def __init__(self, settings: Settings) -> None:
        self._configured = settings.smtp_host is not None
        self._from = settings.mail_from
        self._app = Flask("mail", static_folder=None)
        self._app.config.update(
            MAIL_SERVER=settings.smtp_host,
            MAIL_PORT=settings.smtp_port,
            MAIL_USE_TLS=settings.smtp_tls == "starttls",
            MAIL_USE_SSL=settings.smtp_tls == "tls",
            MAIL_USERNAME=settings.smtp_user,
            MAIL_PASSWORD=settings.smtp_password,
            MAIL_DEFAULT_SENDER=settings.mail_from,
        )
        self._mail = Mail(self._app)

    @contextmanager
    def connect(self) -> Iterator["Outgoing"]:
        """A connection that is opened by the first message and closed at the end of the block."""
        with self._app.app_context(), VerifiedConnection(self._mail) as connection:
            yield Outgoing(connection, self._from, configured=self._configured)

    def knock(self) -> None:
        """Connect, encrypt and log in as for a mail, and leave.

        Raises:
            SMTPException, OSError: it cannot be reached, or lets nobody in.
        """
        with self._app.app_context():
            connection = VerifiedConnection(self._mail)
            connection.begin()
            connection.close()


class Outgoing:
    """What messages are given to, one after the other."""

    def __init__(self, connection: VerifiedConnection, sender: str, *, configured: bool) -> None:
        self._connection = connection
        self._from = sender
        self._configured = configured

    def send(self, mail: OutgoingMail) -> None:
        """Hand `mail` over to the server.

        Raises:
            DeliveryFailed: as `VerifiedConnection.send`, or the address is no address.
        """
        if not self._configured:
            raise ServerUnavailable("aucun serveur de courriel n'est réglé (SMTP_HOST)")
        if not is_plain_address(mail.recipient):
            raise PermanentFailure(f"l'adresse « {mail.recipient} » est mal formée")
        self._connection.send(self._message(mail), envelope_from=self._from)

    def _message(self, mail: OutgoingMail) -> Message:
        message = TwoPartMessage(
            subject=mail.words.subject,
            recipients=[mail.recipient],
            body=mail.words.text,
            html=mail.words.html,
            sender=named_address(one_line(mail.sender_name), self._from),
            reply_to=mail.reply_to,
            # Auto-Submitted (RFC 3834): out-of-office robots do not answer.
            extra_headers={"Auto-Submitted": "auto-generated", "Content-Language": mail.words.language.html},
        )
        message.msgId = mail.message_id
        message.recipient_name = one_line(mail.recipient_name or "")
        return message


def is_plain_address(address: str) -> bool:
    """Whether `address` is one mailbox in ASCII, with nothing around it that a mail server would read otherwise."""
    local, at, domain = address.rpartition("@")
    return bool(
        local
        and at
        and domain
        and address.isascii()
        and address.isprintable()
        and not _NOT_IN_AN_ADDRESS & set(address)
    )


def refuse_line_breaks(message: Message) -> None:
    """Raise `PermanentFailure` if a header would break into two: somebody would be writing headers of their own."""
    values = [message.subject, message.sender, message.reply_to, message.msgId, *message.send_to]
    values += [*(message.extra_headers or {}).values(), *(message.extra_headers or {})]
    if any(character in str(value) for value in values for character in "\r\n"):
        raise PermanentFailure("un saut de ligne dans un en-tête du courriel")


@cache
def _verifying() -> ssl.SSLContext:
    # Once for a process: reading the certificates of the authorities takes as long as sending ten mails.
    return ssl.create_default_context()


def _answers(host: smtplib.SMTP) -> bool:
    try:
        return bool(host.noop()[0] == _DONE)
    except (smtplib.SMTPException, OSError):
        return False
