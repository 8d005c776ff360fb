"""What stands before the root of an XML file, told from its first bytes in one pass, whatever they are."""

import re
from dataclasses import dataclass

_BLANKS = re.compile(rb"\s*+")
_ROOT = re.compile(rb"<([A-Za-z_][\w.-]*+)")
_DECLARED_ENCODING = re.compile(rb"encoding\s*+=\s*+[\"']([\w.:-]++)[\"']")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DOCTYPE = b"<!DOCTYPE"
WEB_PAGE = "html"
_DOCTYPE_OF_A_PAGE = re.compile(rb"<!DOCTYPE\s++html\b", re.IGNORECASE)
_PASSED_OVER = ((b"<!--", b"-->"), (b"<?", b"?>"))
"""What comments and instructions begin and end with."""


@dataclass(frozen=True)
class Prolog:
    """The beginning of an XML file."""

    root: str | None
    """The name of the root element; None when a definition of type (DOCTYPE) comes before it, but for a web page."""
    encoding: str | None
    """As declared; None when it is not."""


def read_prolog(start: bytes) -> Prolog | None:
    """The prolog that the first bytes of a file hold whole, or None when they are not those of XML.

    Each byte is looked at once: a file of comments only takes no longer than another one of its size.
    """
    position = _after_blanks(start, len(BYTE_ORDER_MARK) if start.startswith(BYTE_ORDER_MARK) else 0)
    declared = _DECLARED_ENCODING.search(_declaration(start, position))
    encoding = declared[1].decode() if declared else None
    while (after := _after_what_is_passed_over(start, position)) is not None:
        position = _after_blanks(start, after)
    if start[position : position + len(_DOCTYPE)].upper() == _DOCTYPE:
        return Prolog(WEB_PAGE if _DOCTYPE_OF_A_PAGE.match(start, position) else None, encoding)
    root = _ROOT.match(start, position)
    return Prolog(root[1].decode(), encoding) if root else None


def _after_blanks(start: bytes, position: int) -> int:
    blanks = _BLANKS.match(start, position)
    return position if blanks is None else blanks.end()


def _declaration(start: bytes, position: int) -> bytes:
    end = start.find(b"?>", position) if start.startswith(b"<?xml", position) else -1
    return start[position:end] if end > 0 else b""


def _after_what_is_passed_over(start: bytes, position: int) -> int | None:
    for opening, closing in _PASSED_OVER:
        if start.startswith(opening, position):
            end = start.find(closing, position + len(opening))
            return None if end < 0 else end + len(closing)
    return None
