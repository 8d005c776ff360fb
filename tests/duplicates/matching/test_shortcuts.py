"""What the detection leaves out to be quick changes nothing of what it finds."""

import numpy as np
import pytest
from rapidfuzz.distance import JaroWinkler

from shared.duplicates.matching.arrays import among
from shared.duplicates.matching.name_comparisons import _BEGINS_ALIKE, _LENGTHS_ALIKE

LONGEST = 60


@pytest.mark.parametrize("count", [0, 1, 50])
def test_among_says_what_a_search_of_each_number_says(count: int) -> None:
    numbers = np.random.default_rng(count).integers(0, 60, 200)
    ordered = np.unique(np.random.default_rng(7).integers(0, 50, count))
    assert among(numbers, ordered).tolist() == [number in ordered.tolist() for number in numbers.tolist()]


def test_names_of_too_unlike_lengths_never_begin_alike() -> None:
    """Nothing is more alike than a name and its own beginning."""
    for longest in range(1, LONGEST):
        for shortest in range(longest + 1):
            if JaroWinkler.similarity("a" * shortest, "a" * longest) >= _BEGINS_ALIKE:
                assert shortest >= _LENGTHS_ALIKE * longest
