"""Reads what comes back: delivery reports (RFC 3464, RFC 6533), and what servers write that know neither.

flufl.bounce knows the forms of servers that write plain text (Exim, qmail, old Exchange, Yahoo…); why the mail was
refused is read here. Everything is bounded: anybody may write to the mailbox that bounces come to.
"""

import base64
import binascii
import email
import email.policy
import logging
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from itertools import islice

from flufl.bounce import all_failures

from shared.models.sending.refusals import Cause
from shared.notifications.mail.causes import cause_of, says_full_only

MOST_BYTES = 1_000_000
MOST_PARTS = 60
MOST_TEXT = 60_000
"""Characters of one part that are looked at."""
MOST_RECIPIENTS = 50
REASON_CHARACTERS = 300

_STATUSES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_QUOTED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
_NO_FAILURE = frozenset({"feedback-report", "disposition-notification"})
_PARTS_BEGIN = re.compile(rb"content-type[ \t]*:", re.IGNORECASE)
_TAGS = re.compile(r"<[a-z/!][^<>]{0,300}>", re.IGNORECASE)
_SERVERS = re.compile(
    r"mailer.?daemon|post.?master|mail delivery|mail.?administrator|system administrator|mdaemon|mail.?system"
    r"|delivery (?:system|subsystem)",
    re.IGNORECASE,
)
_SUBJECTS = re.compile(
    r"undeliver|non.?deliver|deliver\w{0,6} (?:fail|status|notif|problem|report|error)|fail\w{0,6} (?:notice|deliver"
    r"|to deliver)"
    r"|returned|returning|failure|mail (?:error|failed|problem|status)|message status|non remis"
    r"|échec de (?:la )?(?:remise|distrib)",
    re.IGNORECASE,
)
_THE_MAIL = re.compile(
    r"^(?:-{2,}.{0,40}(?:original|copy|copie|below|unsent|returned|message header).{0,80}"
    r"|.{0,20}original (?:message|mail).{0,60}|.{0,80}(?:copy of (?:the|your) (?:message|mail|original)"
    r"|message follows"
    r"|message header follows|headers of).{0,80}|received: .{0,200}|return-path: .{0,200})$",
    re.IGNORECASE | re.MULTILINE,
)
_FIRST_ADDRESS = re.compile(
    r"^(?!.{0,200}(?:contact|assistance|postmaster|mailer-daemon|help)).{0,200}@", re.IGNORECASE | re.MULTILINE
)

# It writes what it trips over, and that is what strangers wrote.
logging.getLogger("flufl.bounce").disabled = True


@dataclass(frozen=True)
class Report:
    """A mail did not arrive: why, the words of the server, and the text among which its Message-ID is quoted."""

    cause: Cause
    reason: str
    quoted: str


def read_report(content: bytes) -> Report | None:
    """The failure for good that `content` reports; none for a delay, an answer of a robot, or any other mail."""
    content = content[:MOST_BYTES]
    if len(_PARTS_BEGIN.findall(content)) > MOST_PARTS:
        return None
    message = email.message_from_bytes(content, policy=email.policy.compat32)
    if str(message.get_param("report-type") or "").lower() in _NO_FAILURE:
        return None
    parts = list(islice(message.walk(), MOST_PARTS))
    text = _own_text(parts)
    failures = list(islice(_failures(parts), MOST_RECIPIENTS))
    if not failures:
        if any(part.get_content_type() in _STATUSES for part in parts) or not _is_of_a_server(message):
            return None
        failures = [(None, _of_the_recipient(text))]
    status, words = failures[0]
    cause = cause_of(status, words)
    for told in (_of_the_recipient(text), _without_the_mail(text)):
        cause = cause_of(None, told) if cause is Cause.OTHER else cause
    if cause is Cause.ADDRESS and says_full_only(_of_the_recipient(text)):
        # What is written for people and what is written for machines disagree: the address is left alone.
        cause = Cause.FULL
    reason = " ".join((words or status or "").split())[:REASON_CHARACTERS]
    return Report(cause, reason, "\n".join(_quoted(message, parts)))


def _is_of_a_server(message: Message) -> bool:
    """Whether a server wrote it, and not a person who answers our mail and quotes it."""
    if _SERVERS.search(_decoded(message, "From")) or _SUBJECTS.search(_decoded(message, "Subject")):
        return True
    try:
        temporary, permanent = all_failures(message)
    except Exception:
        # Whatever a stranger wrote, the library must not end the reading.
        return False
    return bool(temporary or permanent)


def _failures(parts: Sequence[Message]) -> Iterator[tuple[str | None, str]]:
    """Status and words of each recipient that failed for good."""
    for part in parts:
        if part.get_content_type() not in _STATUSES:
            continue
        for block in _blocks(part):
            action = str(block.get("Action", "")).strip().lower()
            if action.startswith("fail"):
                words = _decoded(block, "Diagnostic-Code")
                status = re.match(r"[245]\.\d{1,3}\.\d{1,3}", str(block.get("Status", "")).strip())
                yield status[0] if status else None, words.partition(";")[2].strip() or words


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    # Of RFC 6533's the parser makes a mail with the first block for headers.
    is_parsed = part.get_content_type() == "message/delivery-status" and not _transfer_encoding(part)
    if is_parsed and isinstance(payload, list):
        return [block for block in payload if isinstance(block, Message)]
    text = _content(part).decode("utf-8", "replace").replace("\r\n", "\n")
    return [email.message_from_string(block) for block in text.split("\n\n")[: 2 * MOST_RECIPIENTS]]


def _own_text(parts: Sequence[Message]) -> str:
    """What was written for a person, without the parts that quote the mail."""
    texts = []
    for part in parts:
        kind = part.get_content_type()
        if kind in _QUOTED:
            break
        if kind in {"text/plain", "text/html"}:
            text = _text(part)
            texts.append(_TAGS.sub(" ", text) if kind == "text/html" else text)
    return "\n".join(texts)[:MOST_TEXT]


def _text(part: Message) -> str:
    content = _content(part)
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return content.decode("latin-1")


def _content(part: Message) -> bytes:
    """The beginning of a part, decoded; of one that holds a mail, that mail as it was written."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        decoded = part.get_payload(decode=True)
        return decoded[:MOST_TEXT] if isinstance(decoded, bytes) else b""
    written = "\n\n".join(block.as_string() for block in payload[:MOST_RECIPIENTS] if isinstance(block, Message))
    # RFC 3464 forbids to encode these parts, and some do: the parser takes what is encoded for the mail itself.
    encoding = _transfer_encoding(part)
    if encoding == "quoted-printable":
        return quopri.decodestring(written.encode())[:MOST_TEXT]
    if encoding != "base64":
        return written.encode(errors="replace")[:MOST_TEXT]
    try:
        return base64.b64decode(re.sub(r"\s+", "", written)[: 4 * (MOST_TEXT // 3)])
    except (binascii.Error, ValueError):
        return b""


def _transfer_encoding(part: Message) -> str:
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    return encoding if encoding in {"base64", "quoted-printable"} else ""


def _without_the_mail(text: str) -> str:
    found = _THE_MAIL.search(text, 40)
    return text[: found.start()] if found else text


def _of_the_recipient(text: str) -> str:
    """What is said of the recipient: from the first line with an address on, to where the mail is quoted."""
    told = _without_the_mail(text)
    first = _FIRST_ADDRESS.search(told)
    return told[first.start() :] if first else told


def _quoted(message: Message, parts: Sequence[Message]) -> Iterator[str]:
    """Where the mail that came back may be quoted: everywhere but in the headers of the report itself."""
    for part in parts:
        if not part.is_multipart() or _transfer_encoding(part):
            yield _content(part).decode("utf-8", "replace")
        if part is not message:
            yield str(part.get("Message-ID", ""))
    # Old Exchange quotes nothing; what a server answers to names the mail.
    yield from (str(message.get(name, "")) for name in ("In-Reply-To", "References"))


def _decoded(message: Message, name: str) -> str:
    value = str(message.get(name, ""))[:MOST_TEXT]
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, ValueError, UnicodeError):
        return value
