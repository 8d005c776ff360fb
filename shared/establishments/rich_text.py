"""What staff write for families: a little formatting, and nothing else (R22)."""

import html
import re

import nh3

INLINE = {"strong", "b", "em", "i", "u", "a"}
BLOCKS = {"p", "br", "ul", "ol", "li"}
TAGS = INLINE | BLOCKS
_ATTRIBUTES = {"a": {"href"}}
_SCHEMES = {"http", "https", "mailto"}
_REL = "noopener noreferrer"
_BLOCK = re.compile(rf"<(?:{'|'.join(BLOCKS)})\b", re.IGNORECASE)


def clean(text: str) -> str:
    """The HTML that remains of `text`: allowed tags only, links to the web or to an address of e-mail only.

    Text typed without paragraphs keeps its lines.
    """
    if _BLOCK.search(text):
        return _allowed(text, TAGS)
    words = _inline if nh3.is_html(text) else _escaped
    paragraphs = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    return "".join(f"<p>{words(part).replace(chr(10), '<br>')}</p>" for part in paragraphs)


def as_typed(message: str) -> str:
    """A clean message as staff type it: lines instead of paragraphs, when typing that gives the message again."""
    message = message.replace(f' rel="{_REL}"', "")
    lines = message.replace("</p><p>", "\n\n").replace("<br>", "\n").removeprefix("<p>").removesuffix("</p>")
    cleaned = clean(message)
    ways = (html.unescape(lines), lines)
    return next((typed for typed in ways if clean(typed) == cleaned), message)


def _allowed(text: str, tags: set[str]) -> str:
    return nh3.clean(text, tags=tags, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=_REL)


def _inline(part: str) -> str:
    return _allowed(part, INLINE)


def _escaped(part: str) -> str:
    return html.escape(part, quote=False)


def visible_characters(text: str) -> int:
    """How many characters a reader sees of `text`: tags do not count, lines do."""
    return len(html.unescape(nh3.clean(clean(text).replace("<br>", "\n"), tags=set())))
