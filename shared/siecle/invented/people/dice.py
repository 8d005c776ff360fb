"""Chance that falls the same way on every machine.

All of it comes from `Random.random`, the one method whose sequence Python promises never to change.
"""

import math
import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")

# Odd and not a multiple of 5, so that multiplying by it modulo a power of ten loses nothing.
_SPREAD = 617_248_373


def scatter(serial: int, digits: int) -> int:
    """A number of at most `digits` digits that looks drawn at random; two serials below 10**digits never share one."""
    modulus: int = 10**digits
    return (serial * _SPREAD + 271_828_183) % modulus


class Odds(Generic[T]):
    """Values and how often each comes, as shares of their total."""

    def __init__(self, shares: Mapping[T, float]) -> None:
        self.values = tuple(shares)
        self.bounds = tuple(accumulate(shares.values()))


class Dice:
    """A run of chance that depends on its key alone."""

    def __init__(self, *key: object) -> None:
        self.roll = random.Random("/".join(map(str, key))).random  # noqa: S311 - nothing here is a secret

    def chance(self, share: float) -> bool:
        """True in `share` of the cases, from 0 to 1."""
        return self.roll() < share

    def between(self, lowest: int, highest: int) -> int:
        """A whole number, both ends included."""
        return lowest + int(self.roll() * (highest - lowest + 1))

    def pick(self, values: Sequence[T]) -> T:
        """One of `values`, each as often as any other."""
        return values[int(self.roll() * len(values))]

    def pick_common(self, values: Sequence[T]) -> T:
        """One of `values`, which are given the commonest first: the first tenth comes in a fifth of the cases."""
        roll = self.roll()
        return values[int(roll * math.sqrt(roll) * len(values))]

    def among(self, odds: Odds[T]) -> T:
        """One of the values of `odds`, as often as it says."""
        return odds.values[min(bisect_right(odds.bounds, self.roll() * odds.bounds[-1]), len(odds.values) - 1)]
