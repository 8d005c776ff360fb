"""The mailbox that bounces come back to, read by IMAP (`BOUNCES_IMAP_HOST`…): the same rule as for the folder.

A bounce of ours is deleted once it is noted. Anything else stays where it is, with a star (`\\Flagged`): it is for a
person to read, and not read again here. One transaction for each message, deleted once it is committed, so that none is
lost and reading one twice changes nothing.
"""

import imaplib
import logging
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice

from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.logs.outage import Outage
from shared.notifications.bounces.noting import note_bounce, read_bounce

TIMEOUT_SECONDS = 20
MESSAGES_AT_ONCE = 500
MOST_BYTES = 1_000_000

_outage = Outage(logging.getLogger(__name__), "the mailbox of bounces", "it is read again every minute")


class MailboxRefused(Exception):
    """The server answered something else than « OK »."""


def read_mailbox(database: Database, settings: Settings) -> int:
    """How many bounces of the mailbox were noted. An edge: it opens its own transactions.

    A mailbox that cannot be reached, or falls silent, is left for the next time.
    """
    if settings.bounces_imap_host is None:
        return 0
    noted = 0
    try:
        with opened_mailbox(settings) as mailbox:
            for uid in islice(_unread(mailbox), MESSAGES_AT_ONCE):
                noted += _read(database, settings, mailbox, uid)
            if noted:
                _remove_deleted(mailbox)
    except (OSError, imaplib.IMAP4.error, MailboxRefused) as error:
        _outage.failed(error)
    else:
        _outage.worked()
    return noted


@contextmanager
def opened_mailbox(settings: Settings) -> Iterator[imaplib.IMAP4]:
    """The mailbox, encrypted and logged in as the settings say, for as long as the block lasts.

    Raises:
        OSError, imaplib.IMAP4.error, MailboxRefused: it cannot be reached, or lets nobody in.
    """
    host, port = settings.bounces_imap_host or "", settings.bounces_imap_port
    if settings.bounces_imap_tls == "tls":
        verified = ssl.create_default_context()
        mailbox: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, port, ssl_context=verified, timeout=TIMEOUT_SECONDS)
    else:
        mailbox = imaplib.IMAP4(host, port, timeout=TIMEOUT_SECONDS)
    try:
        if settings.bounces_imap_tls == "starttls":
            mailbox.starttls(ssl.create_default_context())
        mailbox.login(settings.bounces_imap_user or "", settings.bounces_imap_password or "")
        _done(mailbox.select(_quoted(settings.bounces_imap_folder)))
        yield mailbox
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            mailbox.logout()


def _unread(mailbox: imaplib.IMAP4) -> Iterator[str]:
    """The messages that nobody looked at here yet."""
    found = _done(mailbox.uid("SEARCH", "UNFLAGGED", "UNDELETED"))
    yield from b" ".join(part for part in found if isinstance(part, bytes)).decode("ascii", "replace").split()


def _read(database: Database, settings: Settings, mailbox: imaplib.IMAP4, uid: str) -> bool:
    bounce = read_bounce(_content(mailbox, uid))
    is_ours = False
    if bounce is not None:
        with database.writing() as session:
            is_ours = note_bounce(session, settings, bounce, now())
    _done(mailbox.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)" if is_ours else r"(\Flagged)"))
    return is_ours


def _content(mailbox: imaplib.IMAP4, uid: str) -> bytes:
    fetched = _done(mailbox.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MOST_BYTES}>)"))
    return next((bytes(part[1]) for part in fetched if isinstance(part, tuple)), b"")


def _remove_deleted(mailbox: imaplib.IMAP4) -> None:
    _done(mailbox.expunge())


def _done(answer: tuple[str, Sequence[object]]) -> Sequence[object]:
    status, data = answer
    if status != "OK":
        raise MailboxRefused(f"{status} {data[:1]}")
    return data


def _quoted(folder: str) -> str:
    # imaplib quotes nothing itself; letters beyond ASCII are refused when the settings are read.
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
