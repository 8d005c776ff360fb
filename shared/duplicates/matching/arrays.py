"""Columns of thousands of fiches at once: texts, and numbers that stand for equal texts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
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


def columns_of(rows: Sequence[tuple[Any, ...]], count: int) -> list[list[Any]]:
    """The `count` columns of these rows."""
    return [list(map(itemgetter(place), rows)) for place in range(count)]


def texts(values: Iterable[str]) -> Texts:
    """A column of texts of any length."""
    listed = list(values)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def each(change: Callable[[str], str], values: Iterable[str | None]) -> Texts:
    """`change` on each value, worked out once for each distinct one; nothing stays nothing."""
    listed = list(values)
    changed = {value: change(value) if value else "" for value in set(listed)}
    return texts(map(changed.__getitem__, listed))


@dataclass(frozen=True)
class Column:
    """A text for each fiche, by number, and the distinct texts by their number; 0 is none."""

    numbers: Numbers
    texts: Texts

    @property
    def lengths(self) -> Numbers:
        """How long each distinct text is."""
        return np.fromiter(map(len, self.texts), dtype=np.int64, count=len(self.texts))

    def regrouped(self, change: Callable[[str], str]) -> Numbers:
        """For each fiche a number, the same where `change` makes the same of two texts; 0 where it leaves none."""
        numbers: Numbers = numbered(map(change, self.texts))[self.numbers]
        return numbers


def column_of(values: Iterable[str]) -> Column:
    """Number these texts: the same number, from 1, for the same text; 0 for none."""
    listed = values.tolist() if isinstance(values, np.ndarray) else list(values)
    distinct = dict.fromkeys(chain(("",), listed))
    number_of = dict(zip(distinct, range(len(distinct)), strict=True))
    numbers = np.fromiter(map(number_of.__getitem__, listed), dtype=np.int64, count=len(listed))
    return Column(numbers, texts(distinct))


def numbered(values: Iterable[str]) -> Numbers:
    """The same number, from 1, for the same text; 0 for none."""
    return column_of(values).numbers


def distinct(numbers: Numbers) -> Numbers:
    """Each number once, in order; quicker than `np.unique`, which asks a table for each of them."""
    ordered = np.sort(numbers)
    first = np.ones(len(ordered), dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    kept: Numbers = ordered[first]
    return kept


def among(numbers: Numbers, ordered: Numbers) -> Flags:
    """Which of `numbers` are in `ordered`, where each stands once, in order; `np.isin` would sort both together."""
    if not len(ordered):
        return np.zeros(len(numbers), dtype=np.bool_)
    place = np.minimum(np.searchsorted(ordered, numbers), len(ordered) - 1)
    found: Flags = ordered[place] == numbers
    return found


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
