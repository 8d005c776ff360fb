"""From the fiches of an establishment to the pairs that are likely one person; nothing here asks the database."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from shared.duplicates.matching.arrays import Flags, Levels, Numbers, Pairs, Reals
from shared.duplicates.matching.blocking import candidates
from shared.duplicates.matching.comparisons import Comparer, Comparison
from shared.duplicates.matching.dataset import Fiches
from shared.duplicates.matching.estimating import Odds, estimate, odds_of
from shared.duplicates.matching.parameters import Parameters, weights
from shared.duplicates.matching.rivals import held_back, outdone, through_a_third
from shared.duplicates.matching.vocabulary import vocabulary_of

PROPOSED = 0.5
"""The confidence from which a pair is kept and proposed to staff."""
_WORTH_KNOWING = -4.0
"""A logarithm of the odds under which a pair is not even another one's rival."""
_TEMPER = 0.8
"""Likenesses come together more often than their product says: of the pairs given 0.9, nine in ten are right."""
_SURE_OF_A_THIRD = 0.8
_AGAINST_A_THIRD = -7.0
"""Odds, in logarithm, that two fiches which are one person with a third do not overcome."""


@dataclass(frozen=True)
class Found:
    """The pairs that are likely duplicates, with how each thing compares."""

    pairs: Pairs
    confidence: Reals
    namesakes: Reals
    """How many chance alone would make in the base, where the names are the same."""
    parameters: Parameters
    comparison: Comparison
    odds: Odds
    outdone: Flags
    """A third fiche is more like one of the two."""
    looked_at: Flags
    """The fiches all of whose pairs were looked at."""

    def where(self, kept: Flags) -> "Found":
        """The pairs that are kept."""
        return replace(
            self,
            pairs=self.pairs.where(kept),
            confidence=self.confidence[kept],
            namesakes=self.namesakes[kept],
            comparison=self.comparison.where(kept),
            odds=Odds(self.odds.one_person[kept], self.odds.together[kept]),
            outdone=self.outdone[kept],
        )

    def weights(self) -> dict[str, Reals]:
        """What each thing weighs for one person, in logarithm: a likeness against the likelier other explanation."""
        one, together = weights(self.parameters)
        rarity, housed = self.comparison.rarity, self.odds.together > 0
        weighed = {}
        for scale, column in self.levels.items():
            rare = rarity.get(scale, np.zeros(len(self.pairs)))
            in_common = np.zeros(len(self.pairs)) if scale == "first" else rare
            other = np.where(housed & (column > 1), together[scale][column] + in_common, 0.0)
            weighed[scale] = one[scale][column] + rare - other
        return weighed

    @property
    def levels(self) -> dict[str, Levels]:
        """How each thing compares."""
        return self.comparison.levels


def find_duplicates(fiches: Fiches, changed: Flags | None = None, parameters: Parameters | None = None) -> Found:
    """The likely duplicates among `fiches`; with `changed`, those of the fiches marked there and of those like them.

    `parameters` are those of the base, estimated from the fiches when none are given.
    """
    matcher = Matcher(fiches)
    return matcher.find(parameters or matcher.estimate(), changed)


class Matcher:
    """Finds the duplicates of one base; the pairs that share a key are compared once."""

    def __init__(self, fiches: Fiches) -> None:
        self.fiches = fiches
        vocabulary = vocabulary_of(fiches)
        self.compare = Comparer(fiches, vocabulary)
        self.candidates = Pairs(*np.divmod(candidates(fiches, vocabulary), max(1, len(fiches))))

    @cached_property
    def compared(self) -> Comparison:
        """Every pair that shares a key."""
        return self.compare(self.candidates)

    def estimate(self) -> Parameters:
        """The parameters of this base."""
        return estimate(self.compare, self.compared)

    def find(self, parameters: Parameters, changed: Flags | None = None) -> Found:
        """The likely duplicates; with `changed`, those of the fiches marked there and of those that are like them."""
        looked_at = np.ones(len(self.fiches), dtype=np.bool_)
        comparison = self.compared
        if changed is not None:
            looked_at = self._with_those_alike(parameters, changed)
            comparison = self._touching(self._with_those_alike(parameters, looked_at))
        odds = self._tempered(comparison, parameters)
        near = odds > _WORTH_KNOWING
        pairs, two = comparison.pairs.where(near), comparison.pairs.where(comparison.two)
        fallen = held_back(pairs, odds[near], two.codes(len(self.fiches)), len(self.fiches))
        sure = 1 / (1 + np.exp(fallen - odds[near]))
        sure_of = self._with_thirds(parameters, pairs, sure)
        beaten = pairs.where(outdone(odds[near], fallen)).codes(len(self.fiches))
        return self._found(parameters, sure_of, beaten, looked_at)

    def _touching(self, fiches: Flags) -> Comparison:
        return self.compare(self.candidates.where(self.candidates.touching(fiches)))

    def _tempered(self, comparison: Comparison, parameters: Parameters) -> Reals:
        return _TEMPER * odds_of(comparison, parameters, self.compare.known).of_duplicates

    def _with_those_alike(self, parameters: Parameters, fiches: Flags) -> Flags:
        """These fiches, and all that may be one person with one of them: what is said of those depends on these."""
        comparison = self._touching(fiches)
        near = comparison.pairs.where(self._tempered(comparison, parameters) > _WORTH_KNOWING)
        more = fiches.copy()
        more[near.one] = more[near.other] = True
        return more

    def _with_thirds(self, parameters: Parameters, pairs: Pairs, sure: Reals) -> dict[tuple[int, int], float]:
        """How sure it is of each pair that it is one person, both fiches being one with a third one perhaps."""
        listed = zip(pairs.one.tolist(), pairs.other.tolist(), sure.tolist(), strict=True)
        sure_of = {(one, other): value for one, other, value in listed if value >= PROPOSED}
        thirds = {
            ids: value
            for ids, value in through_a_third(pairs, sure, _SURE_OF_A_THIRD).items()
            if value > sure_of.get(ids, PROPOSED)
        }
        comparison = self.compare(_pairs(list(thirds)))
        possible = self._tempered(comparison, parameters) > _AGAINST_A_THIRD
        return sure_of | {ids: thirds[ids] for ids, kept in zip(thirds, possible.tolist(), strict=True) if kept}

    def _found(
        self, parameters: Parameters, sure_of: dict[tuple[int, int], float], beaten: Numbers, looked_at: Flags
    ) -> Found:
        pairs = _pairs(sorted(sure_of))
        comparison = self.compare(pairs)
        touched = pairs.touching(looked_at)
        confidence = np.array([sure_of[ids] for ids in sorted(sure_of)])
        found = Found(
            pairs,
            confidence,
            self.compare.namesakes(comparison),
            parameters,
            comparison,
            odds_of(comparison, parameters, self.compare.known),
            np.isin(pairs.codes(len(self.fiches)), beaten),
            looked_at,
        )
        return found.where(touched)


def _pairs(listed: list[tuple[int, int]]) -> Pairs:
    one, other = np.array(listed, dtype=np.int64).reshape(-1, 2).T
    return Pairs(one, other)
