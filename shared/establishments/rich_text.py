"""What staff write for families: a little formatting, and nothing else (R22)."""

import html

import nh3

TAGS = {"p", "br", "strong", "b", "em", "i", "u", "ul", "ol", "li", "a"}
_ATTRIBUTES = {"a": {"href"}}
_SCHEMES = {"http", "https", "mailto"}


def clean(text: str) -> str:
    """The HTML that remains of `text`: allowed tags only, links to the web or to an address of e-mail only.

    Text typed without any tag keeps its lines.
    """
    if nh3.is_html(text):
        return nh3.clean(text, tags=TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer")
    paragraphs = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    return "".join(f"<p>{html.escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in paragraphs)


def visible_characters(text: str) -> int:
    """How many characters a reader sees of `text`: tags do not count, lines do."""
    return len(html.unescape(nh3.clean(clean(text).replace("<br>", "\n"), tags=set())))
