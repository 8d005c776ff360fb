"""Fits the table of `duplicates/matching/weights.py` and prints it: `python -m tests.benchmarks.duplicates_training`.

A logistic regression over the levels of each comparison, with a little ridge; where levels are ordered, a level never
weighs less than the one before. Patterns of levels are few, so each step counts them once, with how often they came.
"""

import numpy as np
from numpy.typing import NDArray

from shared.duplicates.matching.comparisons import SCALES, Levels
from shared.duplicates.matching.matcher import compare
from tests.benchmarks.duplicates_schools import (
    ALONE,
    BARE,
    SCATTERED,
    WHOLE,
    TrueSchool,
    codes,
    invented_school,
    with_less,
)

SEEDS = (1, 2, 3)
SHARES = {(False, WHOLE): 2.0, (True, WHOLE): 1.0, (False, BARE): 1.0, (True, BARE): 0.5, (False, ALONE): 1.0,
          (True, ALONE): 0.5, (False, SCATTERED): 1.0, (True, SCATTERED): 0.5}  # fmt: skip
"""How much each kind of school counts; True for the mistyped ones."""
RIDGE = 0.5
STEPS = 200
SILENT = {"missing", "straight", "unknown", "untied"}
"""Levels that weigh nothing, when they come first."""
UNORDERED = {"order", "tie"}
FEATURES = [(scale, level) for scale, levels in SCALES.items() for level in range(levels[0] in SILENT, len(levels))]

Matrix = NDArray[np.float64]


def main() -> None:
    """Print the prior and the weights."""
    rows, right, shares = [], [], []
    for (careless, what), share in SHARES.items():
        for seed in SEEDS:
            features, duplicates = observed(with_less(invented_school(seed, careless=careless), what))
            rows.append(features)
            right.append(duplicates)
            shares.append(np.full(len(features), share))
    prior, *weights = fit(np.vstack(rows), np.concatenate(right), np.concatenate(shares))
    print(f"PRIOR = {prior:.2f}\nWEIGHTS = {table(weights)}")


def observed(school: TrueSchool) -> tuple[Matrix, Matrix]:
    """The features of every candidate of a school, and whether it is a duplicate."""
    pairs, levels = compare(school.fiches, every=True)
    found = codes(len(school.fiches), pairs.one, pairs.other)
    return features_of(levels), np.isin(found, school.duplicates).astype(float)


def features_of(levels: dict[str, Levels]) -> Matrix:
    """A column of ones, then one for each level: reached where levels are ordered, met where they are not."""
    columns = [np.ones(len(levels["last"]))]
    columns += [levels[scale] == level if scale in UNORDERED else levels[scale] >= level for scale, level in FEATURES]
    return np.column_stack(columns).astype(float)


def fit(rows: Matrix, right: Matrix, shares: Matrix) -> Matrix:
    """The weights, by Newton's method with halved steps; those bound to be at least 0 stay there."""
    patterns, place = np.unique(rows, axis=0, return_inverse=True)
    duplicates, times = (np.bincount(place.ravel(), shares * values) for values in (right, np.ones(len(right))))
    at_least_0 = np.array([False, *(scale not in UNORDERED and level > 1 for scale, level in FEATURES)])
    ridge = np.array([1e-3, *[RIDGE] * len(FEATURES)])
    weights = np.zeros(patterns.shape[1])

    def loss(tried: Matrix) -> float:
        scores = patterns @ tried
        return float((times * np.logaddexp(0, scores) - duplicates * scores).sum() + 0.5 * (ridge * tried**2).sum())

    for _ in range(STEPS):
        expected = 1 / (1 + np.exp(-(patterns @ weights)))
        slope = patterns.T @ (times * expected - duplicates) + ridge * weights
        free = ~(at_least_0 & (weights <= 0) & (slope > 0))
        curve = (patterns * (times * expected * (1 - expected))[:, None]).T @ patterns + np.diag(ridge)
        step = np.zeros_like(weights)
        step[free] = -np.linalg.solve(curve[np.ix_(free, free)], slope[free])
        before, size = weights, 1.0
        while True:
            weights = np.where(at_least_0, np.maximum(before + size * step, 0), before + size * step)
            if loss(weights) <= loss(before) or size < 1e-4:
                break
            size /= 2
        if np.abs(weights - before).max() < 1e-5:
            break
    return weights


def table(weights: list[float]) -> dict[str, dict[str, float]]:
    """The weights by level: those of ordered levels add up."""
    named: dict[str, dict[str, float]] = {}
    for (scale, level), weight in zip(FEATURES, weights, strict=True):
        levels = named.setdefault(scale, {})
        before = [0.0, *levels.values()][-1] if scale not in UNORDERED else 0.0
        levels[SCALES[scale][level]] = before + float(weight)
    return {scale: {level: round(weight, 2) for level, weight in levels.items()} for scale, levels in named.items()}


if __name__ == "__main__":
    main()
