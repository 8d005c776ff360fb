"""Estimates the parameters of a base from its own fiches, by expectation-maximisation (R12).

Every pair has three explanations: one person, two who live together, strangers. What strangers share is counted among
pairs drawn at random. For the two others, each step says how likely each explanation makes each pair, then counts anew
how often each level comes, every pair weighing as much as it belongs there. The reviewed shares stand beside the
counts as so many pairs more, and bounds hold what no base may unlearn. Those whom a rule makes two persons are never
one: they teach what living together looks like.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from shared.duplicates.matching.arrays import Levels, Numbers, Pairs, Reals
from shared.duplicates.matching.comparisons import Comparer, Comparison
from shared.duplicates.matching.parameters import (
    BOUNDS,
    NEIGHBOURS_PSEUDO_COUNT,
    PRIVATE,
    PSEUDO_COUNT,
    PSEUDO_COUNTS,
    REVIEWED,
    SAID_BY_RARITY,
    SCALES,
    Parameters,
    Shares,
    level,
    total,
    weights,
)

_RANDOM_PAIRS = 12_000
_RANDOM_PSEUDO_COUNT = 2_000
_USUAL_FICHES = 100
"""How many fiches of an unknown school the reviewed numbers of duplicates and of households are worth."""
_NOTHING = 1e-9
_NO_HOUSEHOLDS = 1e-6
_STEPS = 40
_SETTLED = 0.002
_HOPELESS = -9.0
"""A logarithm of the odds under which no step makes a pair anything but strangers."""
_COUNTED = {"last", "first", "sex", "kinship", "town", "street"}
"""What strangers share is counted among random pairs; rarity says the rest."""


class Odds(NamedTuple):
    """The logarithm of how many times likelier than strangers two fiches are one person, or two who live together."""

    one_person: Reals
    together: Reals

    @property
    def of_duplicates(self) -> Reals:
        """The logarithm of the odds that they are one person."""
        odds: Reals = self.one_person - np.logaddexp(0.0, self.together)
        return odds


def odds_of(comparison: Comparison, parameters: Parameters, known: int) -> Odds:
    """How likely each explanation makes each pair, among `known` fiches."""
    one, together = weights(parameters)
    rarity: Reals = sum(comparison.rarity.values(), np.zeros(len(comparison.pairs)))
    one_person = np.log(2 * parameters.duplicates / known) + total(one, comparison.levels) + rarity
    one_person = np.where(comparison.two, -np.inf, one_person)
    in_common = rarity - comparison.rarity["first"]
    return Odds(one_person, np.log(2 * parameters.households / known) + total(together, comparison.levels) + in_common)


def estimate(comparer: Comparer, comparison: Comparison) -> Parameters:
    """The parameters of the base of `comparer`, of which `comparison` holds the pairs that share a key."""
    count, known = len(comparer.fiches), comparer.known
    reviewed = _reviewed(comparer)
    start = replace(reviewed, strangers=_strangers(comparer))
    odds = odds_of(comparison, start, known)
    hopeful = comparison.where(np.maximum(odds.one_person, odds.together) > _HOPELESS)
    parameters = _settled(hopeful, start, reviewed, count, known)
    if len(comparer.fiches.links.fiche) or not _without_households(hopeful, parameters, known):
        return parameters
    return _settled(hopeful, replace(start, households=_NO_HOUSEHOLDS), reviewed, count, known)


def _settled(comparison: Comparison, start: Parameters, reviewed: Parameters, count: int, known: int) -> Parameters:
    """The parameters that another step changes no more; without households, they stay without."""
    parameters = start
    for _ in range(_STEPS):
        before = parameters
        one, together = _beliefs(odds_of(comparison, parameters, known))
        parameters = replace(
            parameters,
            one_person=_shares(comparison, one, reviewed.one_person, bounded=True),
            together=_shares(comparison, together, reviewed.together) | {"first": reviewed.together["first"]},
            duplicates=_for_each_fiche(one, REVIEWED.duplicates, count),
        )
        parameters = replace(parameters, strangers=_chance(comparison, 1 - one - together, start.strangers, count))
        if start.households > _NO_HOUSEHOLDS:
            parameters = replace(parameters, households=_for_each_fiche(together, REVIEWED.households, count))
        if _moved(before, parameters) < _SETTLED:
            break
    return parameters


def _chance(comparison: Comparison, beliefs: Reals, strangers: Shares, count: int) -> Shares:
    """What strangers share, with how often chance makes what is private, beside how often its rarity says it would."""
    rows = {scale: list(row) for scale, row in strangers.items()}
    for scale, name in PRIVATE:
        held = comparison.levels[scale] == level(scale, name)
        by_chance = 2 / max(1, count) * (beliefs[held] * np.exp(comparison.rarity[scale][held])).sum()
        usual = NEIGHBOURS_PSEUDO_COUNT if name == "way" else PSEUDO_COUNT
        rows[scale][level(scale, name)] = float((by_chance + usual) / (count + usual))
    return {scale: tuple(row) for scale, row in rows.items()}


def _without_households(comparison: Comparison, parameters: Parameters, known: int) -> bool:
    """Whether those who seem to live together are so few that they may all be one person whose first name is mistaken.

    Asked only where no tie to a student shows that there are households.
    """
    one, together = _beliefs(odds_of(comparison, parameters, known))
    _, most = BOUNDS["first", "different"]
    return bool(together.sum() < most * one.sum())


def _beliefs(odds: Odds) -> tuple[Reals, Reals]:
    """How much of each pair is one person, and how much two who live together."""
    every = np.logaddexp(np.logaddexp(odds.one_person, odds.together), 0.0)
    return np.exp(odds.one_person - every), np.exp(odds.together - every)


def _for_each_fiche(beliefs: Reals, reviewed: float, count: int) -> float:
    return float((beliefs.sum() + reviewed * _USUAL_FICHES) / (count + _USUAL_FICHES))


def _shares(comparison: Comparison, beliefs: Reals, reviewed: Shares, *, bounded: bool = False) -> Shares:
    """The share of each level among the pairs, each counted for its belief; levels that never occur have none."""
    shares: Shares = {}
    for scale, levels in SCALES.items():
        counts = np.bincount(comparison.levels[scale], beliefs, len(levels))
        usual = np.array(reviewed[scale])
        counts[0], usual[0] = 0.0, 0.0
        counts = counts + PSEUDO_COUNTS.get(scale, PSEUDO_COUNT) * usual / max(usual.sum(), _NOTHING)
        row = counts / max(counts.sum(), _NOTHING)
        shares[scale] = tuple((_bounded(scale, row) if bounded else row).tolist())
    return shares


def _bounded(scale: str, row: Reals) -> Reals:
    for (bounded, name), (least, most) in BOUNDS.items():
        place = level(scale, name) if bounded == scale else 0
        if place and 0 < row[place] < 1:
            held = min(max(row[place], least), most)
            row = row * (1 - held) / (1 - row[place])
            row[place] = held
    return row


def _moved(before: Parameters, after: Parameters) -> float:
    rows = [
        np.abs(np.array(getattr(before, kind)[scale]) - getattr(after, kind)[scale]).max()
        for kind in ("one_person", "together")
        for scale in SCALES
    ]
    return float(max(*rows, abs(before.duplicates - after.duplicates)))


def _reviewed(comparer: Comparer) -> Parameters:
    """The reviewed shares, those of the ties that nobody can know left out: who are none then says nothing."""
    if comparer.fiches.neighbours.any():
        return REVIEWED
    unknown = [level("tie", name) for name in ("neighbours", "brothers") if not len(comparer.households.tied[name])]

    def known(shares: Shares) -> Shares:
        row = np.array(shares["tie"])
        row[unknown] = 0.0
        return shares | {"tie": tuple((row / row.sum()).tolist())}

    return replace(REVIEWED, one_person=known(REVIEWED.one_person), together=known(REVIEWED.together))


def _strangers(comparer: Comparer) -> Shares:
    """What strangers share: counted among pairs drawn at random, and for ties to students among all pairs."""
    drawn = comparer.of_strangers(_random_pairs(len(comparer.fiches)))
    shares: Shares = dict(REVIEWED.strangers)
    for scale in _COUNTED:
        shares[scale] = tuple(_counted(*drawn, scale))
    shares["tie"] = tuple(_ties(comparer))
    return shares


def _random_pairs(count: int) -> Pairs:
    """Pairs of different fiches, the same ones each time."""
    if count < 2:
        nothing: Numbers = np.empty(0, dtype=np.int64)
        return Pairs(nothing, nothing)
    number = min(_RANDOM_PAIRS, count * (count - 1) // 2)
    one, other = np.random.default_rng(count).integers(0, count, (2, number))
    different = one != other
    return Pairs(np.minimum(one, other)[different], np.maximum(one, other)[different])


def _counted(levels: dict[str, Levels], rarities: dict[str, Reals], scale: str) -> Iterator[float]:
    """The share of each level times its mean rarity; an agreement as such is worth its rarity alone."""
    found, reviewed = levels[scale], REVIEWED.strangers[scale]
    rarity = rarities.get(scale)
    rare = np.ones(len(found)) if rarity is None else np.exp(rarity)
    known = (found > 0).sum() + _RANDOM_PSEUDO_COUNT
    for place, (name, usual) in enumerate(zip(SCALES[scale], reviewed, strict=True)):
        counted = rare[found == place].sum() + usual * _RANDOM_PSEUDO_COUNT
        yield usual if not place or (scale, name) in SAID_BY_RARITY else float(counted / known)


def _ties(comparer: Comparer) -> Iterator[float]:
    """The share of the tied pairs among all pairs."""
    every = len(comparer.fiches) * (len(comparer.fiches) - 1) / 2 + _RANDOM_PSEUDO_COUNT
    for name, usual in zip(SCALES["tie"], REVIEWED.strangers["tie"], strict=True):
        tied = comparer.households.tied.get(name)
        yield usual if tied is None else (len(tied) + usual * _RANDOM_PSEUDO_COUNT) / every
