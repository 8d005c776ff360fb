"""What a third fiche says of two: they are not both one person with it, or they are all one."""

from collections.abc import Iterator

import numpy as np

from shared.duplicates.matching.arrays import Flags, Numbers, Pairs, Reals

_OUTDONE_BY = 1.0


def held_back(pairs: Pairs, odds: Reals, two: Numbers, count: int) -> Reals:
    """By how much the odds of each pair fall, in logarithm: a fiche is not one person with two who are two persons.

    Of twin sisters one is the duplicate, not both; `two` holds the codes of the pairs that a rule makes two persons.
    """
    apart = set(two.tolist())
    alike: dict[int, list[tuple[int, float]]] = {}
    listed = list(zip(pairs.one.tolist(), pairs.other.tolist(), odds.tolist(), strict=True))
    for one, other, value in listed:
        alike.setdefault(one, []).append((other, value))
        alike.setdefault(other, []).append((one, value))

    def rivals(one: int, other: int) -> Iterator[float]:
        for third, value in alike[one]:
            if third != other and min(third, other) * count + max(third, other) in apart:
                yield value

    fallen = np.zeros(len(pairs))
    for place, (one, other, _) in enumerate(listed):
        values = [*rivals(one, other), *rivals(other, one)]
        if values:
            fallen[place] = np.logaddexp.reduce([0.0, *values])
    return fallen


def outdone(odds: Reals, fallen: Reals) -> Flags:
    """The pairs of which one is more like a third fiche, that is another person than the other one."""
    found: Flags = (fallen > odds + _OUTDONE_BY) & (fallen > 0)
    return found


def through_a_third(pairs: Pairs, sure: Reals, least: float) -> dict[tuple[int, int], float]:
    """The pairs that a third fiche makes one person, both being one person with it, and how sure that is."""
    near: dict[int, dict[int, float]] = {}
    for one, other, value in zip(pairs.one.tolist(), pairs.other.tolist(), sure.tolist(), strict=True):
        if value >= least:
            near.setdefault(one, {})[other] = value
            near.setdefault(other, {})[one] = value
    found: dict[tuple[int, int], float] = {}
    for those in near.values():
        listed = sorted(those.items())
        for place, (other, value) in enumerate(listed):
            for one, with_one in listed[:place]:
                found[one, other] = max(found.get((one, other), 0.0), value * with_one)
    return found
