"""Detection of duplicates on bases whose truth is known, beside three other ways: figures, calibration, time, memory.

The other ways get, beside their usual threshold, the best one on the very data that they are judged by; ours keeps the
one that the back office proposes.
"""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks import duplicates_time
from tests.benchmarks.duplicates_elsewhere import (
    Base,
    febrl,
    french_pairs,
    joined,
    pseudopeople_flat,
    pseudopeople_school,
)
from tests.benchmarks.duplicates_schools import (
    ALONE,
    BARE,
    ONE_GUARDIAN,
    SCATTERED,
    UNPLACED,
    UNPLACED_BARE,
    WHOLE,
    TrueSchool,
    codes,
    invented_school,
    with_less,
)
from tests.benchmarks.duplicates_ways import Scored, Way, by_rapidfuzz, by_splink, exact_names, ours

SEEDS = (4, 5, 6)
WITHOUT_DUPLICATES = (21, 22, 23, 24, 25)
USUAL, BEST = 0.5, None
"""The threshold of a way: a probability, or the one with the highest F1 on the data that it is judged by."""
WAYS: dict[str, tuple[Way, float | None]] = {
    "exact names": (exact_names, USUAL),
    "RapidFuzz, best threshold": (by_rapidfuzz, BEST),
    "Splink, its threshold": (by_splink, USUAL),
    "Splink, best threshold": (by_splink, BEST),
    "ours": (ours, USUAL),
}
BANDS = (0.5, 0.7, 0.85, 0.95, 1.01)

Figures = tuple[float, float, float]
"""Precision, recall and F1."""


@dataclass(frozen=True)
class Row:
    """Bases of one kind, and what ours has to reach: precision, recall, F1."""

    name: str
    bases: Callable[[], Iterable[TrueSchool]]
    precision: float = 0.0
    recall: float = 0.0
    f1: float = 0.0


def _own(what: str, *, careless: bool) -> list[TrueSchool]:
    return [with_less(invented_school(seed, careless=careless), what) for seed in SEEDS]


def _one(base: Callable[[], TrueSchool]) -> list[TrueSchool]:
    return [base()]


def _kind(what: str, *, careless: bool, **wanted: float) -> Row:
    return Row(
        f"own, {'mistyped' if careless else 'ordinary'}, {what}", partial(_own, what, careless=careless), **wanted
    )


ROWS = (
    Row("FEBRL 1", partial(_one, partial(febrl, 1)), f1=0.99),
    Row("FEBRL 2", partial(_one, partial(febrl, 2)), f1=0.98),
    Row("FEBRL 3", partial(_one, partial(febrl, 3))),
    Row("FEBRL 4", partial(_one, partial(febrl, 4))),
    Row("pseudopeople, as a school", partial(_one, pseudopeople_school), 0.99, 0.95),
    Row("pseudopeople, flat", partial(_one, pseudopeople_flat), 0.98, 0.88),
    _kind(WHOLE, careless=False, precision=0.995, recall=0.99),
    _kind(WHOLE, careless=True, precision=0.98, recall=0.97),
    _kind(BARE, careless=False),
    _kind(BARE, careless=True),
    _kind(UNPLACED, careless=False, precision=0.99, recall=0.97),
    _kind(UNPLACED, careless=True, precision=0.97, recall=0.90),
    _kind(UNPLACED_BARE, careless=False),
    _kind(UNPLACED_BARE, careless=True),
    _kind(SCATTERED, careless=False),
    _kind(SCATTERED, careless=True),
    _kind(ALONE, careless=False, f1=0.83),
    _kind(ALONE, careless=True),
    _kind(ONE_GUARDIAN, careless=False, precision=0.98, recall=0.92),
)


def run() -> None:
    """Print the table, the calibration of each row, the French pairs, then time and memory."""
    print("| data | " + " | ".join(WAYS) + " |\n|---|" + "---|" * len(WAYS))
    calibrations = [(row, compare_ways(row)) for row in ROWS]
    without_duplicates()
    judge_french_pairs()
    print("\ncalibration: of the pairs given a confidence, how many are right")
    for row, found in calibrations:
        print(f"{row.name}: {', '.join(calibration(*found))}")
    duplicates_time.run()


def compare_ways(row: Row) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Print the figures of each way; returns the confidence of each pair of ours, and whether it is right."""
    bases = list(row.bases())
    total = sum(len(base.duplicates) for base in bases)
    judged: dict[Way, tuple[NDArray[np.float64], NDArray[np.bool_]]] = {}
    figures: dict[str, Figures] = {}
    for name, (way, threshold) in WAYS.items():
        if way not in judged:
            found = [_judged(base, way(base.fiches)) for base in bases]
            judged[way] = np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found])
        figures[name] = _best(*judged[way], total) if threshold is BEST else _at(*judged[way], total, threshold)
    print(f"| {row.name} | {' | '.join(_cell(one) for one in figures.values())} | {_verdict(row, figures)}", flush=True)
    return judged[ours]


def _judged(base: TrueSchool, scored: Scored) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    found, certainty = scored
    return certainty, np.isin(found, base.duplicates)


def _best(certain: NDArray[np.float64], right: NDArray[np.bool_], total: int) -> Figures:
    thresholds = np.unique(np.quantile(certain, np.linspace(0, 1, 800)))
    return max((_at(certain, right, total, least) for least in thresholds), key=lambda figures: figures[2])


def _at(certain: NDArray[np.float64], right: NDArray[np.bool_], total: int, least: float) -> Figures:
    found = right[certain >= least]
    precision, recall = found.sum() / max(1, len(found)), found.sum() / total
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def _cell(figures: Figures) -> str:
    return " / ".join(f"{figure:.3f}" for figure in figures)


def _verdict(row: Row, figures: dict[str, Figures]) -> str:
    precision, recall, f1 = figures["ours"]
    best = f1 >= max(others[2] for others in figures.values())
    enough = precision >= row.precision and recall >= row.recall and f1 >= row.f1
    return "met" if best and enough else "NOT MET"


def calibration(certain: NDArray[np.float64], right: NDArray[np.bool_]) -> Iterable[str]:
    """Of the pairs of each band of confidence, how many are right."""
    for low, high in itertools.pairwise(BANDS):
        band = (certain >= low) & (certain < high)
        share = f"{right[band].mean():.3f}" if band.any() else "-"
        wanted = {0.85: 0.85, 0.95: 0.97}.get(low)
        missed = wanted is not None and band.any() and right[band].mean() < wanted
        yield f"from {low:.2f}: {band.sum()} pairs, {share} right{' NOT MET' if missed else ''}"


def without_duplicates() -> None:
    """How many pairs are proposed where nobody is entered twice."""
    counts = []
    for seed in WITHOUT_DUPLICATES:
        school = invented_school(seed, students=800, duplicates=0.0)
        counts.append(len(ours(school.fiches)[0]))
    print(f"no duplicate at all, pairs proposed: {counts}: {'met' if max(counts) <= 1 else 'NOT MET'}", flush=True)


def judge_french_pairs() -> None:
    """How many of the pairs judged by hand are judged alike, among the fiches of a school without duplicates."""
    base = Base()
    pairs = french_pairs(base)
    fiches = joined(base.fiches(), invented_school(77, students=600, duplicates=0.0).fiches)
    truth = np.array([pair.same for pair in pairs])
    held_out = np.array([pair.held_out for pair in pairs])
    wanted = codes(len(fiches), *np.array([(pair.one, pair.other) for pair in pairs]).T)
    for name, (way, threshold) in WAYS.items():
        found, certain = way(fiches)
        sure = dict(zip(found.tolist(), certain.tolist(), strict=True))
        given = np.array([sure.get(code, -1.0) for code in wanted.tolist()])
        thresholds = np.unique(given) if threshold is BEST else [threshold]
        right = max(((given >= least) == truth for least in thresholds), key=lambda alike: alike.mean())
        print(
            f"French pairs, {name}: {right.mean():.3f} right, {right[held_out].mean():.3f} of those held out",
            flush=True,
        )


if __name__ == "__main__":
    run()
