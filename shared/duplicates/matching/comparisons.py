"""How alike two fiches are, one small scale for each thing that can be compared, and how rare what they share is."""

from dataclasses import dataclass, replace

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from shared.duplicates.matching.arrays import (
    Column,
    Flags,
    Levels,
    Numbers,
    Pairs,
    Reals,
    Texts,
    combined,
    how_often,
    texts,
)
from shared.duplicates.matching.dataset import Fiches
from shared.duplicates.matching.households import Households
from shared.duplicates.matching.name_comparisons import NameLevels, NameShares, compare_names, name_shares
from shared.duplicates.matching.parameters import SCALES, level
from shared.duplicates.matching.places import sorted_words
from shared.duplicates.matching.vocabulary import Vocabulary

USUAL_FICHES = 300
"""How many fiches of an unknown school stand beside those of the base, so that a few fiches tell nothing of rarity."""
_LARGEST_HOUSEHOLD = 4
"""Fiches at one address; where there are more it is a building or an institution."""
_LONG_WAY = 8
"""Letters."""
_PLACE_NEAR, _WAY_NEAR, _EMAIL_NEAR, _TOWN_NEAR = 0.85, 0.8, 0.85, 0.75
_ROUNDING = 0.001


@dataclass(frozen=True)
class Comparison:
    """Pairs of fiches and how each thing compares."""

    pairs: Pairs
    levels: dict[str, Levels]
    rarity: dict[str, Reals]
    """For the comparisons where a likeness is the rarer the more it says, what its rarity adds; 0 for the others."""
    two: Flags
    """A rule says that they are two persons."""

    def where(self, kept: Flags | Numbers) -> "Comparison":
        """The same for the pairs that are kept."""
        kept = np.flatnonzero(kept) if kept.dtype == np.bool_ else kept
        return replace(
            self,
            pairs=self.pairs.where(kept),
            levels={scale: column[kept] for scale, column in self.levels.items()},
            rarity={scale: column[kept] for scale, column in self.rarity.items()},
            two=self.two[kept],
        )


class Comparer:
    """Compares pairs of the fiches of one base; what is worked out for each fiche is worked out once."""

    def __init__(self, fiches: Fiches, vocabulary: Vocabulary) -> None:
        self.fiches, self.vocabulary = fiches, vocabulary
        self.known = len(fiches) + USUAL_FICHES
        self.last_shares = name_shares(vocabulary, [vocabulary.family, vocabulary.usage], USUAL_FICHES)
        self.first_shares = name_shares(vocabulary, [vocabulary.first], USUAL_FICHES)
        self.place, self.way = fiches.places.numbers, fiches.ways.numbers
        self.postal, self.city, self.email = fiches.towns.numbers, fiches.cities.numbers, fiches.emails.numbers
        self.way_in_town = combined(self.way, np.where(self.postal > 0, self.postal, self.city))
        self._how_many_live_there = how_often(self.place)
        self.telephones = fiches.telephones
        ways = fiches.ways.texts
        self._is_long_way = np.array([_is_long_name(way) for way in ways], dtype=np.bool_)
        self._in_order = texts(sorted_words(ways))
        self._is_in_order = self._in_order == ways
        self.households = Households(fiches, vocabulary, self.known)

    def __call__(self, pairs: Pairs) -> Comparison:
        """Compare these pairs."""
        names, levels, rarity = self._names_and_places(pairs)
        for scale, (compared, rare) in (self._telephones(pairs) | self._email(pairs)).items():
            levels[scale], rarity[scale] = compared, rare
        levels["tie"], rarity["tie"] = self.households.ties(pairs, names.last)
        levels["kinship"] = self.households.kinships(pairs)
        two = self.households.two_by_rule(pairs, levels)
        return Comparison(pairs, {scale: levels[scale] for scale in SCALES}, rarity, two)

    def of_strangers(self, pairs: Pairs) -> tuple[dict[str, Levels], dict[str, Reals]]:
        """Levels and rarity of these pairs, without telephones, e-mail and ties: strangers hardly share them."""
        _names, levels, rarity = self._names_and_places(pairs)
        return levels | {"kinship": self.households.kinships(pairs)}, rarity

    def _names_and_places(self, pairs: Pairs) -> tuple[NameLevels, dict[str, Levels], dict[str, Reals]]:
        names, places = compare_names(self.vocabulary, pairs), self._places(pairs)
        levels = {
            "last": names.last.level,
            "first": names.first.level,
            "order": _order(names),
            "sex": _equality(self.fiches.sex, pairs),
        }
        rarity = self._rarity_of_names(names) | {scale: rare for scale, (_, rare) in places.items()}
        return names, levels | {scale: compared for scale, (compared, _) in places.items()}, rarity

    def namesakes(self, comparison: Comparison) -> Reals:
        """How many persons of the names of each pair chance alone would make in this base."""
        last, first = (self.known * np.exp(-comparison.rarity[scale]) - 1 for scale in ("last", "first"))
        expected: Reals = last * first / max(1, len(self.fiches))
        return expected

    def _rarity_of_names(self, names: NameLevels) -> dict[str, Reals]:
        both = NameShares(
            self.last_shares.whole + self.first_shares.whole, self.last_shares.part + self.first_shares.part
        )
        pairs_of_shares = {"last": (names.last, self.last_shares), "first": (names.first, self.first_shares)}
        return {
            scale: np.where(names.swapped, both.rarity(matched), shares.rarity(matched))
            for scale, (matched, shares) in pairs_of_shares.items()
        }

    def _shares(self, column: Numbers) -> Reals:
        """For each fiche, the share of the base that has what it has: two at least, for the pair itself."""
        shares: Reals = np.maximum(how_often(column), 2) / self.known
        return shares

    def _telephones(self, pairs: Pairs) -> dict[str, tuple[Levels, Reals]]:
        mobile_of, home_of, work_of = np.split(self.telephones, 3)
        counts = np.bincount(self.telephones, minlength=1)
        mobile, home = _equality(mobile_of, pairs), _equality(home_of, pairs)
        crossed = _in_common(((mobile_of, home_of), (mobile_of, work_of), (work_of, work_of)), pairs)
        mobile = np.where(mobile == 2, level("mobile", "same"), mobile).astype(np.int8)
        mobile[(crossed > 0) & (mobile < level("mobile", "same"))] = level("mobile", "other")
        number = np.where(mobile == level("mobile", "same"), mobile_of[pairs.one], crossed)
        times = np.maximum(counts[number], 2) * np.where(mobile == level("mobile", "other"), 2, 1)
        of_mobile = np.where(mobile >= level("mobile", "other"), -np.log(times / self.known), 0.0)
        times = np.maximum(counts[home_of[pairs.one]], 2)
        of_home = np.where(home == level("home", "same"), -np.log(times / self.known), 0.0)
        return {"mobile": (mobile, of_mobile), "home": (home, of_home)}

    def _email(self, pairs: Pairs) -> dict[str, tuple[Levels, Reals]]:
        levels = _equality(self.email, pairs)
        levels[levels == 2] = level("email", "same")
        unlike = np.flatnonzero(levels == level("email", "different"))
        near = _are_near(self.fiches.emails, pairs.where(unlike), _EMAIL_NEAR)
        levels[unlike[near]] = level("email", "near")
        shares = self._shares(self.email)
        shares = np.maximum(shares[pairs.one], shares[pairs.other]) * np.where(levels == level("email", "near"), 2, 1)
        return {"email": (levels, np.where(levels >= level("email", "near"), -np.log(shares), 0.0))}

    def _places(self, pairs: Pairs) -> dict[str, tuple[Levels, Reals]]:
        town = self._towns(pairs)
        street = self._streets(pairs)
        near_street = street >= level("street", "shared")
        street[near_street & (town == level("town", "different"))] = level("street", "elsewhere")
        other_town = (town > 0) & (town < level("town", "same"))
        street[(street == level("street", "way")) & other_town] = level("street", "different")
        # Who lives in one street lives in one town: it is said once.
        town[street >= level("street", "way")] = 0
        whole, way = self._shares(self.place), self._shares(self.way_in_town)
        twice = (street == level("street", "near")) | (street == level("street", "elsewhere"))
        shared = np.where(
            street == level("street", "way"),
            np.maximum(way[pairs.one], way[pairs.other]),
            np.maximum(whole[pairs.one], whole[pairs.other]) * np.where(twice, 2, 1),
        )
        counted = np.where(street >= level("street", "way"), -np.log(shared), 0.0)
        one_code = self.postal[pairs.one] == self.postal[pairs.other]
        inhabited = np.where(
            one_code & (self.postal[pairs.one] > 0),
            self._shares(self.postal)[pairs.one],
            self._shares(self.city)[pairs.one],
        )
        return {
            "street": (street, counted),
            "town": (town, np.where(town == level("town", "same"), -np.log(inhabited), 0.0)),
        }

    def _towns(self, pairs: Pairs) -> Levels:
        """By the postal code or by the city, whichever agrees better: one may be mistyped."""
        levels = np.zeros(len(pairs), dtype=np.int8)
        for column in (self.fiches.towns, self.fiches.cities):
            found = _equality(column.numbers, pairs)
            found[found == 2] = level("town", "same")
            unlike = np.flatnonzero((found == level("town", "different")) & (levels < level("town", "near")))
            near = _are_near(column, pairs.where(unlike), _TOWN_NEAR)
            found[unlike[near]] = level("town", "near")
            levels = np.maximum(levels, found)
        return levels

    def _streets(self, pairs: Pairs) -> Levels:
        levels = _equality(self.place, pairs)
        levels[levels == 2] = level("street", "same")
        unlike = np.flatnonzero(levels == level("street", "different"))
        some = pairs.where(unlike)
        numbers = self.fiches.street_numbers
        left, right = numbers.numbers[some.one], numbers.numbers[some.other]
        one_number, no_number = left == right, (left == 0) | (right == 0)
        one_way, nearly_same_way = self._near_ways(some)
        found = np.full(len(some), level("street", "different"), dtype=np.int8)
        found[one_number & ~no_number] = level("street", "number")
        named = self._is_long_way[self.way[some.one]] & self._is_long_way[self.way[some.other]]
        found[(_equality(self.way, some) == 2) | (named & nearly_same_way)] = level("street", "way")
        found[one_way & (one_number | no_number)] = level("street", "near")
        doubtful = np.flatnonzero(~one_way & (one_number | no_number))
        one_place = _are_near(self.fiches.places, some.where(doubtful), _PLACE_NEAR)
        found[doubtful[one_place]] = level("street", "near")
        doubtful = np.flatnonzero(one_way & ~one_number & ~no_number)
        found[doubtful[_a_digit_left_out(numbers, some.where(doubtful))]] = level("street", "near")
        levels[unlike] = found
        crowded = self._how_many_live_there[pairs.one] > _LARGEST_HOUSEHOLD
        levels[crowded & (levels == level("street", "same"))] = level("street", "shared")
        return levels

    def _near_ways(self, pairs: Pairs) -> tuple[Flags, Flags]:
        """Whether the names of two streets are near, their words in any order, and whether they are nearly the same."""
        column = self.fiches.ways
        one, other, place = _distinct_pairs(column, pairs)
        closeness = _closeness(column.texts, one, other, _WAY_NEAR)
        again = np.flatnonzero((closeness < _PLACE_NEAR) & ~(self._is_in_order[one] & self._is_in_order[other]))
        sorted_ones = _closeness(self._in_order, one[again], other[again], _WAY_NEAR)
        closeness[again] = np.maximum(closeness[again], sorted_ones)
        return (closeness >= _WAY_NEAR)[place], (closeness >= _PLACE_NEAR)[place]


def _order(names: NameLevels) -> Levels:
    compared = (names.last.level > 0) & (names.first.level > 0)
    return np.where(names.swapped, 2, compared).astype(np.int8)


def _equality(column: Numbers, pairs: Pairs) -> Levels:
    """0 where one is missing, 1 where they differ, 2 where they are the same."""
    left, right = column[pairs.one], column[pairs.other]
    return np.where((left == 0) | (right == 0), 0, np.where(left == right, 2, 1)).astype(np.int8)


def _in_common(ways: tuple[tuple[Numbers, Numbers], ...], pairs: Pairs) -> Numbers:
    """The number that is in one column of one fiche and in the other of the other; 0 when there is none."""
    found = np.zeros(len(pairs), dtype=np.int64)
    for one, other in ways:
        for left, right in ((pairs.one, pairs.other), (pairs.other, pairs.one)):
            found = np.where(one[left] == other[right], np.maximum(found, one[left]), found)
    return found


def _is_long_name(way: str) -> bool:
    """Whether a street has a name that a slip leaves recognisable: `45th` and `46th` are two."""
    return len(way) >= _LONG_WAY and not any(map(str.isdigit, way))


def _a_digit_left_out(numbers: Column, pairs: Pairs) -> Flags:
    """Whether the numbers are one but for a digit that one of them lacks: 112 and 12; none of them is empty."""
    one, other = numbers.numbers[pairs.one], numbers.numbers[pairs.other]
    apart = cpdist(numbers.texts[one], numbers.texts[other], scorer=OSA.distance, dtype=np.int32)
    lengths = numbers.lengths
    lacking: Flags = (apart == 1) & (lengths[one] != lengths[other])
    return lacking


def _are_near(column: Column, pairs: Pairs, least: float) -> Flags:
    """Whether the texts of each pair are as near as `least`, each pair of distinct texts compared once."""
    one, other, place = _distinct_pairs(column, pairs)
    near: Flags = (_closeness(column.texts, one, other, least) >= least)[place]
    return near


def _distinct_pairs(column: Column, pairs: Pairs) -> tuple[Numbers, Numbers, Numbers]:
    """The distinct pairs of texts, by their numbers, and for each pair of fiches which one of them is its own."""
    left, right = column.numbers[pairs.one], column.numbers[pairs.other]
    size = len(column.texts)
    codes, place = np.unique(np.minimum(left, right) * size + np.maximum(left, right), return_inverse=True)
    return *np.divmod(codes, size), place


def _closeness(texts: Texts, one: Numbers, other: Numbers, least: float) -> Reals:
    """How near the texts of these numbers are, from 0 to 1; those less near than `least` may be given 0."""
    found: Reals = cpdist(
        texts[one],
        texts[other],
        scorer=OSA.normalized_similarity,
        score_cutoff=least - _ROUNDING,
        dtype=np.float32,
    )
    return found
