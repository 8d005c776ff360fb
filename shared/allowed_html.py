"""HTML that somebody typed: what is allowed stays, the rest goes; the only place that knows the cleaner (nh3)."""

import html
from collections.abc import Callable, Collection
from dataclasses import dataclass

import nh3

NO_REFERRER = "noopener noreferrer"
"""What every link gets."""


@dataclass(frozen=True)
class AllowedHtml:
    """An allow-list: these tags, and links if there are any of these schemes; no other attribute."""

    tags: frozenset[str]
    link_schemes: frozenset[str] = frozenset()

    def clean(self, text: str, tags: Collection[str] | None = None) -> str:
        """The HTML that remains of `text`; of some of the tags only, if they are given."""
        attributes = {"a": {"href"}} if self.link_schemes else {}
        kept = set(self.tags if tags is None else tags)
        return nh3.clean(
            text, tags=kept, attributes=attributes, url_schemes=set(self.link_schemes), link_rel=NO_REFERRER
        )


def is_html(text: str) -> bool:
    """Whether `text` holds anything that a browser would take for a tag."""
    return nh3.is_html(text)


def without_tags(text: str) -> str:
    """The words of `text`, still escaped."""
    return nh3.clean(text, tags=set())


def first_that_gives(cleaned: str, ways: Collection[str], clean: Callable[[str], str], otherwise: str) -> str:
    """The way of typing, of those in `ways`, that `clean` makes `cleaned` of; `otherwise` when none is.

    Each is tried as it would be typed, then as it stands.
    """
    typed = [one for way in ways for one in (html.unescape(way), way)]
    return next((one for one in typed if clean(one) == cleaned), otherwise)
