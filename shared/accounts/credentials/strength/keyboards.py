"""Walks along a keyboard that jump: for zxcvbn the stretches of `azeqsdwxc` are random; here they are one word."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

GUESSES_FOR_A_STRETCH = 50
"""Three rows, some eight keys to begin with, two directions."""
FEWEST_STRETCHES = 3
"""Two are found in one of a hundred passwords drawn at random."""


@dataclass(frozen=True)
class Walk:
    """Stretches of a keyboard that follow each other in `text[start:end]`, and how many guesses they take together."""

    start: int
    end: int
    guesses: int


def walks(stretches: Iterable[tuple[int, int]]) -> Iterator[Walk]:
    """What stretches make together, each told by its first sign and the one after its last."""
    reached: dict[int, set[tuple[int, int]]] = {}
    for start, end in sorted(set(stretches)):
        runs = {(start, 1)} | {(first, count + 1) for first, count in reached.get(start, ())}
        reached.setdefault(end, set()).update(runs)
        for first, count in runs:
            if count >= FEWEST_STRETCHES:
                yield Walk(first, end, GUESSES_FOR_A_STRETCH**count)
