"""Numbers and plurals as French writes them."""


def number(value: int) -> str:
    """`1 234`, with a space that does not break."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def count(value: int, one: str, many: str | None = None) -> str:
    """`1 compte`, `12 comptes`; none is singular in French."""
    return f"{number(value)}\N{NO-BREAK SPACE}{one if value < 2 else many or one + 's'}"
