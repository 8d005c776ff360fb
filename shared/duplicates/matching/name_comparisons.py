"""How alike the names of two fiches are: spelling, sound, order, usage names, several first names; and how rare."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from shared.duplicates.matching.arrays import Flags, Levels, Numbers, Pairs, Reals
from shared.duplicates.matching.parameters import SCALES
from shared.duplicates.matching.vocabulary import Vocabulary
from shared.persons.short_names import PREFIX_FROM, is_short_for

MISSING, DIFFERENT, SHORT, OTHER, ALIKE, PART, NEAR, SAME = range(len(SCALES["last"]))
_NEAR_FROM = 4
"""Letters: shorter names are near nothing but themselves."""
_LETTERS_APART = 0.34
_BEGINS_ALIKE = 0.94
_LENGTHS_ALIKE = 0.69
"""What the shorter of two names has at least of the length of the other, for JaroWinkler to reach `_BEGINS_ALIKE`."""
_SHORT_UP_TO = 6
"""Letters of a short form: `Fred`, `Babeth`."""

_FEMININE_ENDINGS = frozenset({"e", "le", "ne", "se", "te"})


@dataclass(frozen=True)
class Matched:
    """The names of each pair that agree best: how well, and which."""

    level: Levels
    one: Numbers
    other: Numbers


@dataclass(frozen=True)
class NameLevels:
    """The names of each pair compared."""

    last: Matched
    first: Matched
    swapped: Flags


def compare_names(vocabulary: Vocabulary, pairs: Pairs) -> NameLevels:
    """Last and first names: family or usage names whichever agree best, and the two swapped where that is better."""
    last_names, first_name = [vocabulary.family, vocabulary.usage], [vocabulary.first]
    last = _best(vocabulary, last_names, last_names, pairs)
    first = _with_first_words(vocabulary, _best(vocabulary, first_name, first_name, pairs), pairs)
    straight = np.minimum(last.level, first.level)
    doubtful = np.flatnonzero((straight > MISSING) & (straight < NEAR) & _may_be_swapped(vocabulary, pairs))
    crossed = pairs.where(doubtful)
    as_last, as_first = (
        _best(vocabulary, ones, others, crossed)
        for ones, others in ((last_names, first_name), (first_name, last_names))
    )
    better = np.minimum(as_last.level, as_first.level)
    kept = (better >= ALIKE) & (better > straight[doubtful])
    # One name stands in the place of the other, and nothing else agrees.
    nothing = np.maximum(last.level, first.level)[doubtful] == DIFFERENT
    kept |= nothing & (np.maximum(as_last.level, as_first.level) == SAME)
    swapped = np.zeros(len(pairs), dtype=np.bool_)
    swapped[doubtful[kept]] = True
    last, first = _replaced(last, as_last, doubtful, kept), _replaced(first, as_first, doubtful, kept)
    known_last, known_first = vocabulary.known
    return NameLevels(
        _two_names(vocabulary, last, known_last, swapped), _two_names(vocabulary, first, known_first, swapped), swapped
    )


def _two_names(vocabulary: Vocabulary, matched: Matched, known: Flags, swapped: Flags) -> Matched:
    """`OTHER` where two names that are near are both surely no slip, and sound different."""
    level = matched.level.copy()
    near = (level >= ALIKE) & (level < SAME) & (level != PART) & ~swapped
    unlike = vocabulary.sound[matched.one] != vocabulary.sound[matched.other]
    level[near & unlike & known[matched.one] & known[matched.other]] = OTHER
    return Matched(level, matched.one, matched.other)


def _may_be_swapped(vocabulary: Vocabulary, pairs: Pairs) -> Flags:
    """Whether a last name of one begins as the first name of the other."""
    initial = vocabulary.initial
    first, found = initial[vocabulary.first], np.zeros(len(pairs), dtype=np.bool_)
    for last in (initial[vocabulary.family], initial[vocabulary.usage]):
        for one, other in ((pairs.one, pairs.other), (pairs.other, pairs.one)):
            found |= (last[one] > 0) & (last[one] == first[other])
    return found


def _replaced(straight: Matched, crossed: Matched, where: Numbers, kept: Flags) -> Matched:
    columns = []
    for name in ("level", "one", "other"):
        column = getattr(straight, name).copy()
        column[where[kept]] = getattr(crossed, name)[kept]
        columns.append(column)
    return Matched(*columns)


def _best(vocabulary: Vocabulary, ones: list[Numbers], others: list[Numbers], pairs: Pairs) -> Matched:
    best = Matched(
        np.zeros(len(pairs), dtype=np.int8),
        np.zeros(len(pairs), dtype=np.int64),
        np.zeros(len(pairs), dtype=np.int64),
    )
    for one in ones:
        for other in others:
            left, right = one[pairs.one], other[pairs.other]
            both = np.flatnonzero((left > 0) & (right > 0) & (best.level < SAME))
            left, right = left[both], right[both]
            levels = likeness(vocabulary, left, right)
            better = levels > best.level[both]
            for column, values in ((best.level, levels), (best.one, left), (best.other, right)):
                column[both[better]] = values[better]
    return best


def likeness(vocabulary: Vocabulary, left: Numbers, right: Numbers) -> Levels:
    """How alike two names are, given by their numbers; each pair of distinct names is compared once."""
    levels = np.full(len(left), SAME, dtype=np.int8)
    unlike = np.flatnonzero(left != right)
    left, right = left[unlike], right[unlike]
    size = len(vocabulary.names)
    distinct, place = np.unique(np.minimum(left, right) * size + np.maximum(left, right), return_inverse=True)
    levels[unlike] = _distinct_likeness(vocabulary, *np.divmod(distinct, size))[place]
    return levels


def _distinct_likeness(vocabulary: Vocabulary, one: Numbers, other: Numbers) -> Levels:
    left, right = vocabulary.glued[one], vocabulary.glued[other]
    shortest, longest = vocabulary.length[one], vocabulary.length[other]
    shortest, longest = np.minimum(shortest, longest), np.maximum(shortest, longest)
    apart = cpdist(left, right, scorer=OSA.distance, dtype=np.int32)
    alike = apart <= _LETTERS_APART * longest
    doubtful = np.flatnonzero(~alike & (shortest >= _LENGTHS_ALIKE * longest))
    begins = cpdist(left[doubtful], right[doubtful], scorer=JaroWinkler.similarity, dtype=np.float32)
    alike[doubtful] = begins >= _BEGINS_ALIKE
    levels = np.full(len(one), DIFFERENT, dtype=np.int8)
    levels[_where(_may_be_short(vocabulary, one, other, shortest), vocabulary, one, other, _short)] = SHORT
    levels[alike] = ALIKE
    levels[_contained(vocabulary, one, other)] = PART
    one_sound = vocabulary.sound[one] == vocabulary.sound[other]
    levels[(one_sound | (apart <= 1)) & (shortest >= _NEAR_FROM)] = NEAR
    levels[_where(levels >= ALIKE, vocabulary, one, other, _of_man_and_woman)] = OTHER
    levels[apart == 0] = SAME
    return levels


def _where(
    doubtful: Flags, vocabulary: Vocabulary, one: Numbers, other: Numbers, holds: Callable[[str, str], bool]
) -> Numbers:
    places = np.flatnonzero(doubtful)
    names = zip(vocabulary.names[one[places]], vocabulary.names[other[places]], strict=True)
    found = np.array([holds(left, right) for left, right in names], dtype=np.bool_)
    return places[found]


def _of_man_and_woman(left: str, right: str) -> bool:
    """Whether one name is the other in the feminine: `daniel` and `danielle`, `frederic` and `frederique`."""
    his, hers = sorted((left, right), key=len)
    if his.endswith("c") and hers == f"{his[:-1]}que":
        return True
    return hers.startswith(his) and hers[len(his) :] in _FEMININE_ENDINGS


def _may_be_short(vocabulary: Vocabulary, one: Numbers, other: Numbers, shortest: Numbers) -> Flags:
    """Whether one may be short for the other: one letter of it, its beginning, or one that is listed."""
    one_initial = vocabulary.initial[one] == vocabulary.initial[other]
    begins = vocabulary.letters(one, PREFIX_FROM) == vocabulary.letters(other, PREFIX_FROM)
    listed = vocabulary.listed[one] | vocabulary.listed[other]
    possible: Flags = (shortest <= _SHORT_UP_TO) & (listed | (one_initial & (begins | (shortest == 1))))
    return possible


def _short(left: str, right: str) -> bool:
    return is_short_for(left, right) or is_short_for(right, left)


def _contained(vocabulary: Vocabulary, one: Numbers, other: Numbers) -> Numbers:
    """Where every word of one is in the other, `jean` and `jean marie`; an initial stands for a word."""
    words = vocabulary.words
    long = np.maximum(vocabulary.word_count[one], vocabulary.word_count[other]) > 1
    several = np.flatnonzero(long & (vocabulary.marks[one] & vocabulary.marks[other] > 0))
    sides = zip(one[several].tolist(), other[several].tolist(), strict=True)
    found = [words[a] <= words[b] or words[b] <= words[a] or _with_initials(words[a], words[b]) for a, b in sides]
    return several[np.array(found, dtype=np.bool_)]


def _with_initials(one: frozenset[str], other: frozenset[str]) -> bool:
    """`j expedit` and `jean expedit`: what is left of each beside a common word are an initial and a word of it."""
    common = one & other
    if not common or len(one) != len(other):
        return False
    left, right = sorted(one - common), sorted(other - common)
    return all(a[0] == b[0] and 1 in {len(a), len(b)} for a, b in zip(left, right, strict=True))


def _with_first_words(vocabulary: Vocabulary, first: Matched, pairs: Pairs) -> Matched:
    """`PART` where one has a second first name and the first words are near: `virginie` and `virgnie marie`."""
    words = vocabulary.first_word
    more = words != vocabulary.first
    doubtful = np.flatnonzero((more[pairs.one] != more[pairs.other]) & (first.level > MISSING) & (first.level < PART))
    left, right = words[pairs.one[doubtful]], words[pairs.other[doubtful]]
    near = likeness(vocabulary, left, right) >= NEAR
    level = first.level.copy()
    level[doubtful[near]] = PART
    return Matched(level, first.one, first.other)


@dataclass(frozen=True)
class NameShares:
    """How common each name of a vocabulary is in the base, from 0 to 1."""

    whole: Reals
    """Of the fiches, the share that bears the name."""
    part: Reals
    """Of the fiches, the share that bears the rarest of its words."""

    def rarity(self, matched: Matched) -> Reals:
        """For each pair the logarithm of how many times likelier than by chance the agreement is, before its level.

        Agreeing on a name is the rarer the less common it is: of two spellings, the one that was meant.
        """
        commoner = np.maximum(self.whole[matched.one], self.whole[matched.other])
        shorter = np.maximum(self.part[matched.one], self.part[matched.other])
        rare = -np.log(np.where(matched.level == PART, shorter, commoner))
        weighed: Reals = np.where(matched.level > DIFFERENT, rare, 0.0)
        return weighed


def name_shares(vocabulary: Vocabulary, columns: list[Numbers], usual: int) -> NameShares:
    """How common names are in these columns, among the fiches of the base and `usual` ones of an unknown school."""
    known = len(columns[0]) + usual
    fiches = np.zeros(len(vocabulary.names))
    words: dict[str, float] = {}
    for column in columns:
        fiches += np.bincount(column, minlength=len(fiches))
    for name, count in zip(vocabulary.names, fiches.tolist(), strict=True):
        for word in name.split():
            words[word] = words.get(word, 0.0) + count
    part = np.array([min((words[word] for word in name.split()), default=1.0) for name in vocabulary.names])
    return NameShares(np.maximum(fiches, 1) / known, np.maximum(part, 1) / known)
