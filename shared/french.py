"""Numbers, plurals and lists as French writes them."""

from collections.abc import Sequence


def number(value: int) -> str:
    """`1 234`, with a space that does not break."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def agreed(value: int, one: str, many: str | None = None) -> str:
    """The word that goes with `value`: `compte`, `comptes`; none is singular in French."""
    return one if value < 2 else many or f"{one}s"


def count(value: int, one: str, many: str | None = None) -> str:
    """`1 compte`, `12 comptes`, with a space that does not break."""
    return f"{number(value)}\N{NO-BREAK SPACE}{agreed(value, one, many)}"


def enumerated(words: Sequence[str]) -> str:
    """`a`, `a et b`, `a, b et c`; nothing for nothing."""
    return " et ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
