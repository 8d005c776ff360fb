"""Columns of thousands of fiches at once: texts, and numbers that stand for equal texts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Texts = NDArray[np.object_]
Levels = NDArray[np.int8]
Flags = NDArray[np.bool_]
Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """Two positions for each pair, the lower one first."""

    one: Numbers
    other: Numbers

    def __len__(self) -> int:
        return len(self.one)

    def where(self, kept: Flags | Numbers) -> "Pairs":
        """The pairs that are kept."""
        return Pairs(self.one[kept], self.other[kept])

    def touching(self, fiches: Flags) -> Flags:
        """The pairs of which one fiche at least is marked."""
        touched: Flags = fiches[self.one] | fiches[self.other]
        return touched

    def codes(self, count: int) -> Numbers:
        """One number for each pair of positions among `count`."""
        return self.one * count + self.other


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


def combined(*columns: Numbers) -> Numbers:
    """One number for the numbers of several columns; 0 where any of them is 0."""
    code, *others = columns
    complete = code > 0
    for column in others:
        complete = complete & (column > 0)
        code = code * (int(column.max(initial=0)) + 1) + column
    joined: Numbers = np.where(complete, code, 0)
    return joined


def how_often(column: Numbers) -> Numbers:
    """How many times the number at each position occurs in the column; 0 for those that are 0."""
    counts = np.bincount(column)
    counts[:1] = 0
    times: Numbers = counts[column]
    return times
