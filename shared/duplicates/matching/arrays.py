"""Columns of thousands of fiches at once: texts, and numbers that stand for equal texts."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.persons.names import fold

Numbers = NDArray[np.int64]
Texts = NDArray[np.object_]


def columns_of(rows: Iterable[Any], count: int) -> list[tuple[Any, ...]]:
    """The `count` columns of the rows of a query."""
    return list(zip(*rows, strict=True)) or [()] * count


def texts(values: Iterable[str]) -> Texts:
    """A column of texts of any length."""
    listed = list(values)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def each(change: Callable[[str], str], values: Iterable[str | None]) -> Texts:
    """`change` on each value, worked out once for each distinct one; nothing stays nothing."""
    known: dict[str | None, str] = {None: "", "": ""}
    changed = []
    for value in values:
        if value not in known:
            known[value] = change(value or "")
        changed.append(known[value])
    return texts(changed)


def numbered(values: Iterable[str]) -> Numbers:
    """The same number, from 1, for the same text; 0 for none."""
    seen: dict[str, int] = {"": 0}
    return np.array([seen.setdefault(text, len(seen)) for text in values], dtype=np.int64)


@lru_cache(maxsize=16_384)
def place_of(parts: tuple[str | None, ...]) -> str:
    """The lines of an address and the postal code, folded; nothing when no line is written."""
    *lines, postal = parts
    written = " ".join(line for line in lines if line)
    return f"{fold(written)} {postal or ''}".strip() if written else ""
