"""How alike the names of two fiches are: spelling, sound, order, usage names, second first names, namesakes."""

from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from shared.duplicates.matching.arrays import Numbers, Texts, texts
from shared.duplicates.matching.blocking import Sounds
from shared.duplicates.matching.comparisons import SCALES, Flags, Levels, Pairs
from shared.duplicates.matching.dataset import Fiches

_MISSING, _DIFFERENT, _ALIKE, _PART, _NEAR, _SAME = range(6)
_NEAR_FROM = 4
"""Letters: shorter names are near nothing but themselves."""
_LETTERS_APART = 0.3
_BEGINS_ALIKE = 0.88
_KNOWN_FROM = 2
_COMMON, _USUAL = 1.5, 0.3


@dataclass(frozen=True)
class NameLevels:
    """The names of each pair compared."""

    last: Levels
    first: Levels
    order: Levels

    def where(self, kept: Flags) -> "NameLevels":
        """The same for the pairs that are kept."""
        return NameLevels(self.last[kept], self.first[kept], self.order[kept])


def compare_names(fiches: Fiches, sounds: Sounds, pairs: Pairs) -> NameLevels:
    """Last and first names: family or usage names whichever agree best, and the two swapped where that is better."""
    last_names = [(fiches.family, sounds.family), (fiches.usage, sounds.usage)]
    first_name = (fiches.first, sounds.first)
    last = _best(last_names, last_names, pairs)
    first = np.maximum(_alike(first_name, first_name, pairs), _first_words(fiches, sounds, pairs))
    crossed = _best([first_name], last_names, pairs), _best(last_names, [first_name], pairs)
    swapped = (np.minimum(*crossed) >= _ALIKE) & (np.minimum(*crossed) > np.minimum(last, first))
    first = np.where(swapped, np.maximum(*crossed), first)
    other_name = ~swapped & _two_known_names(fiches, sounds, pairs) & (first >= _ALIKE) & (first < _SAME)
    first_scale = np.where(other_name, SCALES["first"].index("other_name"), first + (first >= _ALIKE))
    return NameLevels(
        np.where(swapped, np.minimum(*crossed), last).astype(np.int8),
        first_scale.astype(np.int8),
        swapped.astype(np.int8),
    )


_Name = tuple[Texts, Texts]
"""Names as they are written and as they sound."""


def _best(ones: list[_Name], others: list[_Name], pairs: Pairs) -> Levels:
    best = np.zeros(len(pairs), dtype=np.int8)
    for one in ones:
        for other in others:
            both = (one[0][pairs.one] != "") & (other[0][pairs.other] != "") & (best < _SAME)
            best[both] = np.maximum(best[both], _alike(one, other, pairs.where(both)))
    return best


def _alike(one: _Name, other: _Name, pairs: Pairs) -> Levels:
    left, right = one[0][pairs.one], other[0][pairs.other]
    glued = _glued(left), _glued(right)
    lengths = [np.array([len(name) for name in names], dtype=np.int64) for names in glued]
    shortest, longest = np.minimum(*lengths), np.maximum(*lengths)
    apart = cpdist(*glued, scorer=OSA.distance, dtype=np.int32)
    begins = cpdist(*glued, scorer=JaroWinkler.similarity, dtype=np.float32)
    levels = np.full(len(pairs), _DIFFERENT, dtype=np.int8)
    levels[(apart <= _LETTERS_APART * longest) | (begins >= _BEGINS_ALIKE)] = _ALIKE
    levels[_contained(left, right)] = _PART
    levels[((one[1][pairs.one] == other[1][pairs.other]) | (apart <= 1)) & (shortest >= _NEAR_FROM)] = _NEAR
    levels[apart == 0] = _SAME
    levels[shortest == 0] = _MISSING
    return levels


def _glued(names: Texts) -> Texts:
    return texts(name.replace(" ", "") for name in names)


def _contained(left: Texts, right: Texts) -> Flags:
    """Whether every word of one is in the other: `jean` and `jean marie`, `payet` and `hoarau payet`."""
    words = {name: frozenset(name.split()) for name in {*left, *right}}
    contained = [
        words[one] <= words[other] or words[other] <= words[one] for one, other in zip(left, right, strict=True)
    ]
    return np.array(contained, dtype=np.bool_)


def _first_words(fiches: Fiches, sounds: Sounds, pairs: Pairs) -> Levels:
    """`_PART` where one has a second first name and the first words are near: `virginie` and `virgnie marie`."""
    words = texts(name.partition(" ")[0] for name in fiches.first)
    one_has_more = (words[pairs.one] == fiches.first[pairs.one]) != (words[pairs.other] == fiches.first[pairs.other])
    levels = np.zeros(len(pairs), dtype=np.int8)
    near = _alike((words, sounds.first_word), (words, sounds.first_word), pairs.where(one_has_more)) >= _NEAR
    levels[np.flatnonzero(one_has_more)[near]] = _PART
    return levels


def _two_known_names(fiches: Fiches, sounds: Sounds, pairs: Pairs) -> Flags:
    """Whether both first names, unlike a slip, are those of several families here, and sound different."""
    families: dict[str, set[str]] = {}
    for first, family in zip(fiches.first, sounds.family, strict=True):
        families.setdefault(first, set()).add(family)
    known = np.array([len(families[first]) >= _KNOWN_FROM for first in fiches.first], dtype=np.bool_)
    two: Flags = known[pairs.one] & known[pairs.other] & (sounds.first[pairs.one] != sounds.first[pairs.other])
    return two


def rarity(sounds: Sounds, pairs: Pairs, names: NameLevels) -> Levels:
    """How many namesakes chance alone would make in this school, where the names agree."""
    by_chance = _frequencies(sounds.family) * _frequencies(sounds.first) / max(1, len(sounds.first))
    expected = np.maximum(by_chance[pairs.one], by_chance[pairs.other])
    levels = np.where(expected > _COMMON, 1, np.where(expected > _USUAL, 2, 3))
    agreed = (names.last >= _ALIKE) & (names.first > SCALES["first"].index("other_name"))
    return np.where(agreed, levels, 0).astype(np.int8)


def _frequencies(texts: Texts) -> Numbers:
    _, positions, counts = np.unique(texts.astype(str), return_inverse=True, return_counts=True)
    frequencies: Numbers = counts[positions]
    return frequencies
