"""What staff write for families: a little formatting, and nothing else (R22)."""

import html
import re

from shared.allowed_html import NO_REFERRER, AllowedHtml, first_that_gives, is_html, without_tags

INLINE = frozenset({"strong", "b", "em", "i", "u", "a"})
BLOCKS = frozenset({"p", "br", "ul", "ol", "li"})
TAGS = INLINE | BLOCKS
_ALLOWED = AllowedHtml(TAGS, link_schemes=frozenset({"http", "https", "mailto"}))
_BLOCK = re.compile(rf"<(?:{'|'.join(sorted(BLOCKS))})\b", re.IGNORECASE)


def clean(text: str) -> str:
    """The HTML that remains of `text`: allowed tags only, links to the web or to an address of e-mail only.

    Text typed without paragraphs keeps its lines.
    """
    if _BLOCK.search(text):
        return _ALLOWED.clean(text)
    words = _inline if is_html(text) else _escaped
    paragraphs = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    return "".join(f"<p>{words(part).replace(chr(10), '<br>')}</p>" for part in paragraphs)


def as_typed(message: str) -> str:
    """A clean message as staff type it: lines instead of paragraphs, when typing that gives the message again."""
    message = message.replace(f' rel="{NO_REFERRER}"', "")
    lines = message.replace("</p><p>", "\n\n").replace("<br>", "\n").removeprefix("<p>").removesuffix("</p>")
    return first_that_gives(clean(message), [lines], clean, otherwise=message)


def _inline(part: str) -> str:
    return _ALLOWED.clean(part, INLINE)


def _escaped(part: str) -> str:
    return html.escape(part, quote=False)


def visible_characters(text: str) -> int:
    """How many characters a reader sees of `text`: tags do not count, lines do."""
    return len(html.unescape(without_tags(clean(text).replace("<br>", "\n"))))
