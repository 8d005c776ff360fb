"""How much each likeness weighs, and how sure all of them together make it that two fiches are one person.

A weight is the logarithm of how many times likelier it makes a duplicate (Fellegi and Sunter); 0 says nothing. All are
fitted together, so that likenesses which come together are not counted twice and the sum is calibrated: of the pairs
given 0.9, nine in ten are right. `tests/benchmarks/duplicates_training.py` prints this table; it was fitted on the
invented schools of seeds 1 to 3, complete, mistyped, without telephone and e-mail, without ties to students, and with
brothers and sisters who do not live together; the figures of `docs/duplicates.md` are those of other seeds. What is
missing weighs nothing.
"""

import numpy as np
from numpy.typing import NDArray

from shared.duplicates.matching.comparisons import SCALES, Levels

Scores = NDArray[np.float64]

PRIOR = -11.22
"""Two fiches that share nothing but a key."""

WEIGHTS: dict[str, dict[str, float]] = {
    "last": {"different": -0.02, "alike": 2.47, "part": 2.47, "near": 3.47, "same": 3.47},
    "first": {"different": 0.06, "other_name": 5.13, "alike": 5.13, "part": 5.9, "near": 5.9, "same": 5.9},
    "order": {"swapped": 2.21},
    "rarity": {"common": 0.3, "usual": 1.34, "rare": 2.56},
    "sex": {"different": -0.79, "same": 1.36},
    "mobile": {"different": -2.55, "other": 3.94, "same": 9.11},
    "home": {"different": -1.44, "same": 0.95},
    "email": {"different": -1.1, "same": 4.32},
    "place": {"different": -2.47, "town": -2.47, "near": -0.72, "same": 2.22},
    "tie": {
        "alone": 0.04,
        "strangers": -4.84,
        "neighbours": -0.03,
        "brothers": 3.59,
        "child": 3.64,
        "both_contacts": -2.93,
        "other_kinship": -1.6,
        "both_legal": -2.92,
    },
    "kinship": {"different": -5.1, "same": 2.45},
}

# What no invented school can tell apart by counting, set by hand.
RIVAL = -8.0
"""One of the two is more like another fiche, which stands beside the other one with the same student."""
COUPLE = -12.0
"""A man and a woman whom a student, or their first names, show to be two: spouses share telephones and addresses."""

_TABLES = {scale: np.array([WEIGHTS[scale].get(level, 0.0) for level in levels]) for scale, levels in SCALES.items()}


def score(levels: dict[str, Levels]) -> Scores:
    """The sum of the weights of each pair: above 0, a duplicate is likelier than not."""
    total: Scores = np.full(len(levels["last"]), PRIOR)
    for scale, table in _TABLES.items():
        total += table[levels[scale]]
    return total


def confidence(scores: Scores) -> Scores:
    """The share of such pairs that are duplicates, from 0 to 1."""
    shares: Scores = 1 / (1 + np.exp(-scores))
    return shares
