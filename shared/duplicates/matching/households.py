"""What two fiches are to each other through the students: spouses, parents of brothers and sisters, strangers."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shared.duplicates.matching.arrays import Flags, Levels, Numbers, Pairs, Reals, among, distinct, how_often
from shared.duplicates.matching.blocking import pairs_within
from shared.duplicates.matching.dataset import Fiches
from shared.duplicates.matching.name_comparisons import DIFFERENT, NEAR, PART, SAME, Matched
from shared.duplicates.matching.parameters import level
from shared.duplicates.matching.vocabulary import Vocabulary

_LARGEST_STUDENT, _LARGEST_FAMILY = 10_000, 64


class Households:
    """The ties of the fiches of one base through their students; `known` is how many fiches rarity is counted among."""

    def __init__(self, fiches: Fiches, vocabulary: Vocabulary, known: int) -> None:
        self.fiches, self.vocabulary, self.known = fiches, vocabulary, known
        self.links, self.count = fiches.links, len(fiches)

    def ties(self, pairs: Pairs, last: Matched) -> tuple[Levels, Reals]:
        """The closest tie of each pair, and how rare it is."""
        ties, rarity = self._through_names(pairs, last)
        codes = pairs.codes(self.count)
        for name, tied in self.tied.items():
            closer = among(codes, tied)
            ties[closer], rarity[closer] = level("tie", name), 0.0
        return ties, rarity

    @cached_property
    def tied(self) -> dict[str, Numbers]:
        """The codes of the pairs that are tied, from the loosest tie to the closest."""
        links, fiches = self.links, self.fiches
        return {
            "neighbours": pairs_within(fiches.neighbours, links.fiche, self.count, _LARGEST_FAMILY),
            "brothers": pairs_within(fiches.brothers, links.fiche, self.count, _LARGEST_FAMILY),
            "child": pairs_within(links.student, links.fiche, self.count, _LARGEST_STUDENT),
        }

    def _through_names(self, pairs: Pairs, last: Matched) -> tuple[Levels, Reals]:
        """Strangers, unless their students bear one name.

        That says nothing new where it is the name of the guardians too: then all that is known is that they live apart,
        and not even that where a student has no address.
        """
        tied = np.zeros(self.count, dtype=np.bool_)
        tied[self.links.fiche] = True
        ties = np.where(tied[pairs.one] & tied[pairs.other], level("tie", "strangers"), 0).astype(np.int8)
        rarity = np.zeros(len(pairs))
        common = self._name_in_common(pairs)
        named = common > 0
        explained = named & (last.level >= NEAR) & (self._bears[pairs.one] | self._bears[pairs.other])
        telling = named & ~explained
        ties[telling], rarity[telling] = level("tie", "namesakes"), self._rarity_of_name[common[telling]]
        unplaced = self._without_address[pairs.one] | self._without_address[pairs.other]
        ties[explained] = np.where(unplaced[explained], 0, level("tie", "apart"))
        return ties, rarity

    @cached_property
    def _without_address(self) -> Flags:
        """The fiches that are tied to a student without an address."""
        flags = np.zeros(self.count, dtype=np.bool_)
        flags[self.links.fiche[self.fiches.neighbours == 0]] = True
        return flags

    @cached_property
    def _bears(self) -> Flags:
        """The fiches that bear the last name of one of their students."""
        flags, sound = np.zeros(self.count, dtype=np.bool_), self.vocabulary.sound
        of_student = sound[self.vocabulary.student]
        for column in (self.vocabulary.family, self.vocabulary.usage):
            own = sound[column[self.links.fiche]]
            flags[self.links.fiche[(own > 0) & (own == of_student)]] = True
        return flags

    @cached_property
    def _rarity_of_name(self) -> Reals:
        names = self.vocabulary.student
        shares = np.full(len(self.vocabulary.names), 2.0)
        shares[names] = np.maximum(how_often(names), 2)
        rarity: Reals = -np.log(shares / (len(names) + self.known - self.count))
        return rarity

    @cached_property
    def _names_of_students(self) -> tuple[Numbers, Numbers]:
        """Where the names of the students of each fiche begin, and every fiche with a name of one of its students."""
        held = np.unique(self.links.fiche * len(self.vocabulary.names) + self.vocabulary.student)
        return np.searchsorted(held // len(self.vocabulary.names), np.arange(self.count + 1)), held

    def _name_in_common(self, pairs: Pairs) -> Numbers:
        """The rarest last name that a student of one and a student of the other bear; 0 when there is none."""
        starts, held = self._names_of_students
        size, common = len(self.vocabulary.names), np.zeros(len(pairs), dtype=np.int64)
        for nth in range(int(np.diff(starts).max(initial=0))):
            there = np.flatnonzero(starts[pairs.one] + nth < starts[pairs.one + 1])
            names = held[starts[pairs.one[there]] + nth] % size
            shared = (names > 0) & among(pairs.other[there] * size + names, held)
            there, names = there[shared], names[shared]
            rarer = (common[there] == 0) | (self._rarity_of_name[names] > self._rarity_of_name[common[there]])
            common[there[rarer]] = names[rarer]
        return common

    def kinships(self, pairs: Pairs) -> Levels:
        """Whether they have a kinship to some student in common, mother of one and mother of the other.

        Nothing is said of a man and a woman: they are a father and a mother, which was said.
        """
        if not self.links.kinship.any():
            return np.zeros(len(pairs), dtype=np.int8)
        held = self._kinships_held
        some: Flags = np.any(held, axis=0)
        sexes = self.fiches.sex[pairs.one], self.fiches.sex[pairs.other]
        missing = ~(some[pairs.one] & some[pairs.other]) | ((np.minimum(*sexes) > 0) & (sexes[0] != sexes[1]))
        shared = np.zeros(len(pairs), dtype=np.bool_)
        for eight in held:
            shared |= (eight[pairs.one] & eight[pairs.other]) > 0
        return np.where(missing, 0, np.where(shared, 2, 1)).astype(np.int8)

    @cached_property
    def _kinships_held(self) -> NDArray[np.uint8]:
        """A bit for each kinship of each fiche, a row for every eight kinships."""
        links, known = self.links, self.links.kinship > 0
        held = np.zeros((int(links.kinship.max()) + 1, self.count), dtype=np.bool_)
        held[links.kinship[known], links.fiche[known]] = True
        return np.packbits(held, axis=0)

    def two_by_rule(self, pairs: Pairs, levels: dict[str, Levels]) -> Flags:
        """The pairs that are two persons, whatever else they share.

        A man and a woman whose first names differ, wherever they are. Beside one student: a man and a woman; those
        whose first names are not the same, unless one is a slip and they sound alike or no two mobile telephones are
        known; those of other kinship who share no telephone.
        """
        first, mobile = levels["first"], levels["mobile"]
        man_and_woman = levels["sex"] == level("sex", "different")
        two: Flags = man_and_woman & (first > 0) & (first != SAME)
        beside = np.flatnonzero(levels["tie"] == level("tie", "child"))
        codes = pairs.where(beside).codes(self.count)
        both_legal, other_kinship = (among(codes, those) for those in self._beside_a_student)
        here, mobile = first[beside], mobile[beside]
        one_telephone = mobile == level("mobile", "same")
        slip = (here == NEAR) | ((here == PART) & ~both_legal) | ((here > DIFFERENT) & one_telephone & ~both_legal)
        slip &= (mobile != level("mobile", "different")) | self._sound_alike(pairs.where(beside))
        half_swapped = (levels["order"] == level("order", "swapped")) & (levels["last"] == DIFFERENT)
        here_and_there = half_swapped[beside] & (both_legal | ~one_telephone)
        two[beside] |= man_and_woman[beside] | ((here != SAME) & ~slip) | (other_kinship & ~one_telephone)
        two[beside] |= here_and_there
        return two

    def _sound_alike(self, pairs: Pairs) -> Flags:
        sound = self.vocabulary.sound[self.vocabulary.first]
        alike: Flags = sound[pairs.one] == sound[pairs.other]
        return alike

    @cached_property
    def _beside_a_student(self) -> tuple[Numbers, Numbers]:
        """The codes of the guardians of one student who are both legal, and of those who are something else to it.

        Each once, in order.
        """
        links, size = self.links, len(self.links.student)
        one, other = np.divmod(pairs_within(links.student, np.arange(size), size, _LARGEST_STUDENT), max(1, size))
        left, right = links.fiche[one], links.fiche[other]
        codes = np.minimum(left, right) * self.count + np.maximum(left, right)
        legal = (links.rank[one] > 0) & (links.rank[other] > 0)
        kinships = links.kinship[one], links.kinship[other]
        other_kinship = (kinships[0] != kinships[1]) & (np.minimum(*kinships) > 0)
        return distinct(codes[legal]), distinct(codes[other_kinship])
