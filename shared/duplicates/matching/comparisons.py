"""How alike two fiches are, one small scale for each thing that can be compared."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from shared.duplicates.matching.arrays import Numbers, Texts
from shared.duplicates.matching.dataset import Fiches

Levels = NDArray[np.int8]
Flags = NDArray[np.bool_]

SCALES: dict[str, tuple[str, ...]] = {
    "last": ("missing", "different", "alike", "part", "near", "same"),
    "first": ("missing", "different", "other_name", "alike", "part", "near", "same"),
    "order": ("straight", "swapped"),
    "rarity": ("unknown", "common", "usual", "rare"),
    "sex": ("missing", "different", "same"),
    "mobile": ("missing", "different", "other", "same"),
    "home": ("missing", "different", "same"),
    "email": ("missing", "different", "same"),
    "place": ("missing", "different", "town", "near", "same"),
    "tie": (
        "untied",
        "alone",
        "strangers",
        "neighbours",
        "brothers",
        "child",
        "both_contacts",
        "other_kinship",
        "both_legal",
    ),
    "kinship": ("missing", "different", "same"),
}
"""The levels of each comparison, from least to most alike; "missing" says nothing either way."""

_PLACE_NEAR = 0.8


@dataclass(frozen=True)
class Pairs:
    """Two positions for each pair."""

    one: Numbers
    other: Numbers

    def __len__(self) -> int:
        return len(self.one)

    def where(self, kept: Flags) -> "Pairs":
        """The pairs that are kept."""
        return Pairs(self.one[kept], self.other[kept])


def compare_contacts(fiches: Fiches, pairs: Pairs) -> dict[str, Levels]:
    """Civility, telephones, e-mail address and where they live."""
    mobile = _equality(fiches.mobile, pairs)
    crossed = _any_phone_in_common(fiches, pairs) & (mobile < 2)
    return {
        "sex": _equality(fiches.sex, pairs),
        "mobile": np.where(mobile == 2, 3, np.where(crossed, 2, mobile)).astype(np.int8),
        "home": _equality(fiches.home, pairs),
        "email": _equality(fiches.email, pairs),
        "place": _places(fiches, pairs),
    }


def _equality(column: Texts | Numbers, pairs: Pairs) -> Levels:
    left, right = column[pairs.one], column[pairs.other]
    nothing = "" if column.dtype == object else 0
    return np.where((left == nothing) | (right == nothing), 0, np.where(left == right, 2, 1)).astype(np.int8)


def _any_phone_in_common(fiches: Fiches, pairs: Pairs) -> Flags:
    """A number that is the mobile of one and another telephone of the other, or the same at work."""
    ways = ((fiches.mobile, fiches.home), (fiches.mobile, fiches.work), (fiches.work, fiches.work))
    found = np.zeros(len(pairs), dtype=np.bool_)
    for one, other in ways:
        for left, right in ((pairs.one, pairs.other), (pairs.other, pairs.one)):
            found |= (one[left] != "") & (one[left] == other[right])
    return found


def _places(fiches: Fiches, pairs: Pairs) -> Levels:
    levels = np.minimum(_equality(fiches.place, pairs), 1)
    left, right = fiches.place[pairs.one], fiches.place[pairs.other]
    same_town = (levels == 1) & (fiches.postal[pairs.one] == fiches.postal[pairs.other])
    levels[same_town] = 2
    closeness = cpdist(left[same_town], right[same_town], scorer=OSA.normalized_similarity, dtype=np.float32)
    levels[np.flatnonzero(same_town)[closeness >= _PLACE_NEAR]] = 3
    levels[(left == right) & (levels > 0)] = 4
    return levels
