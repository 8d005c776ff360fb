"""Pairs of fiches as addresses carry them: `12-34`."""

FIRST_PAGE = (0, 0)
_MOST_DIGITS = 10


def pair_key(text: str) -> tuple[int, int]:
    """The two numbers in `text`; the beginning of the list when there are none."""
    first, _, second = text.partition("-")
    return (int(first), int(second)) if is_number(first) and is_number(second) else FIRST_PAGE


def is_number(text: str) -> bool:
    """Whether `text` is the number of a row."""
    return text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS
