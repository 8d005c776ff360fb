"""What the answers and the silences of a mail server mean for the message that it was given."""

import smtplib
import socket
import ssl

from shared.models.sending.refusals import Cause
from shared.notifications.mail.causes import cause_of
from shared.notifications.outbox.leases import (
    ConnectionDropped,
    DeliveryFailed,
    PermanentFailure,
    ServerBusy,
    ServerUnavailable,
    TemporaryFailure,
)

_SERVICE_NOT_AVAILABLE = 421
_FIRST_PERMANENT = 500


def unreachable(error: smtplib.SMTPException | OSError) -> str:
    """Why a server cannot be reached, in French, for people who read no error numbers."""
    match error:
        case ConnectionRefusedError():
            return "connexion refusée"
        case TimeoutError():
            return "il ne répond pas"
        case socket.gaierror():
            return "son nom est inconnu (SMTP_HOST)"
        case ssl.SSLError():
            return f"connexion chiffrée impossible ({error.reason or error})"
        case _:
            return str(error)


def refusal(error: smtplib.SMTPException | OSError) -> DeliveryFailed:
    """What an error in the middle of a message means for it, with the server's own words."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, words = next(iter(error.recipients.values()))
            return _of_this_message(code, words)
        case smtplib.SMTPDataError():
            return _of_this_message(error.smtp_code, error.smtp_error)
        case smtplib.SMTPResponseException():
            # To the sender: the server would say the same of every message.
            kind = ServerUnavailable if error.smtp_code >= _FIRST_PERMANENT else ServerBusy
            return kind(in_words(error.smtp_code, error.smtp_error))
        case _:
            return ConnectionDropped(f"le serveur de courriel a coupé la connexion : {error}")


def _of_this_message(code: int, words: bytes | str) -> DeliveryFailed:
    if code == _SERVICE_NOT_AVAILABLE:
        return ServerBusy(in_words(code, words))
    told = in_words(code, words)
    cause = cause_of(None, told)
    # A full mailbox is emptied, and 552 4.2.2 says itself that it is of the day.
    is_of_the_day = code < _FIRST_PERMANENT or cause in {Cause.FULL, Cause.DAY}
    return (TemporaryFailure if is_of_the_day else PermanentFailure)(told, cause)


def in_words(code: int, words: bytes | str) -> str:
    """What the server answered, on one line, in French."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"réponse du serveur de courriel : {code} {' '.join(text.split())}"
