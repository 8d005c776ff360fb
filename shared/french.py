"""Numbers, plurals, lists and the blanks beside signs as French writes them."""

import re
from collections.abc import Iterator, Sequence

NO_BREAK = "\N{NO-BREAK SPACE}"

_BESIDE_SIGNS = re.compile(r"(?<=«) | (?=[»:;?!%€])")
_BESIDE_SIGNS_OF_PAGE = re.compile(r"(?<=«)[ \n]+|(?<![ \n])[ \n]+(?=[»:;?!%€])")
_FROM_FIRST_SIGN = re.compile(r"(?:«[ \n]| [»:;?!%€]|\n[»:;?!%€])[^<>]*(?:[<>]|\Z)")
"""From the first blank to mend on, to the end of the words or of the tag that hold it."""
_AS_IT_IS = re.compile(r"<(script|style|textarea|pre|code|select)\b")
"""What holds no sentence, or what somebody typed or copies."""


def number(value: int) -> str:
    """`1 234`, with a space that does not break."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def agreed(value: int, one: str, many: str | None = None) -> str:
    """The word that goes with `value`: `compte`, `comptes`; none is singular in French."""
    return one if value < 2 else many or f"{one}s"


def count(value: int, one: str, many: str | None = None) -> str:
    """`1 compte`, `12 comptes`, with a space that does not break."""
    return f"{number(value)}{NO_BREAK}{agreed(value, one, many)}"


def enumerated(words: Sequence[str]) -> str:
    """`a`, `a et b`, `a, b et c`; nothing for nothing."""
    return " et ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def with_signs(text: str) -> str:
    """A text whose lines break neither before « : ; ? ! % € » nor inside guillemets."""
    return _BESIDE_SIGNS.sub(NO_BREAK, text)


def page_with_signs(page: str) -> str:
    """The same of a page of HTML: of the sentences between its tags, and of nothing else.

    Attributes stay as they are, and so does what a browser sends back or somebody copies. Takes time in proportion to
    the page, whatever is in it.
    """
    return "".join(
        part if kept else _FROM_FIRST_SIGN.sub(_mended_unless_in_tag, part) for part, kept in _parts_of_page(page)
    )


def _mended_unless_in_tag(found: re.Match[str]) -> str:
    return found[0] if found[0].endswith(">") else _BESIDE_SIGNS_OF_PAGE.sub(NO_BREAK, found[0])


def _parts_of_page(page: str) -> Iterator[tuple[str, bool]]:
    """The parts of `page` in order; the second says whether one stays as it is."""
    begin = 0
    while opening := _AS_IT_IS.search(page, begin):
        end = page.find(f"</{opening[1]}", opening.end())
        yield page[begin : opening.start()], False
        yield page[opening.start() : end if end >= 0 else len(page)], True
        begin = end if end >= 0 else len(page)
    yield page[begin:], False
