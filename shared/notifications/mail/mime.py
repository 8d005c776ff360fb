"""Writes a message out as the bytes that travel: headers, text, HTML.

Flask-Mail's own writing, and the generators of the standard library, take as long as handing the message over to a
server nearby. There is one shape of message here, two texts in base64, and it is written directly.
"""

import hashlib
from email.base64mime import body_encode
from email.header import Header
from email.utils import formatdate, quote

from flask_mail import Message

_END = "\r\n"


class TwoPartMessage(Message):
    """A message of one sender to one person, in plain text and in HTML; its headers are ASCII already."""

    recipient_name: str = ""

    def as_bytes(self) -> bytes:
        """The message, in ASCII, with the line ends of SMTP."""
        # No line of base64 begins like this.
        boundary = "=_" + hashlib.sha256(str(self.msgId).encode()).hexdigest()[:32]
        lines = [f"{name}: {_folded(value)}" for name, value in self._headers().items() if value]
        lines += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{boundary}"', ""]
        for kind, body in (("plain", self.body), ("html", self.html)):
            lines += [f"--{boundary}", f'Content-Type: text/{kind}; charset="utf-8"']
            lines += ["Content-Transfer-Encoding: base64", "", body_encode(_lines(body), eol=_END)]
        return _END.join([*lines, f"--{boundary}--", ""]).encode("ascii")

    def _headers(self) -> dict[str, str]:
        return {
            "Subject": encoded(str(self.subject)),
            "From": str(self.sender),
            "To": named_address(self.recipient_name, str(self.recipients[0])),
            "Date": formatdate(self.date, localtime=True),
            "Message-ID": str(self.msgId),
            "Reply-To": str(self.reply_to or ""),
            **(self.extra_headers or {}),
        }


def named_address(name: str, address: str) -> str:
    """`address` with the name of its owner, as a header shows it; alone when the name is empty."""
    if not name:
        return address
    shown = f'"{quote(name)}"' if name.isascii() else encoded(name)
    return f"{shown} <{address}>"


def one_line(name: str) -> str:
    """A name without line breaks, and without what no header shows: it can begin no other header."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())


def encoded(text: str) -> str:
    """`text` in ASCII, on one line."""
    return text if text.isascii() else Header(text, "utf-8").encode(linesep="")


def _folded(value: str) -> str:
    return value.replace("?= =?", f"?={_END} =?")


def _lines(body: str | None) -> bytes:
    return _END.join((body or "").splitlines()).encode() + _END.encode()
