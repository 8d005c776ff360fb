"""What two fiches are to each other through the students: spouses, parents of brothers and sisters, strangers."""

import numpy as np
from numpy.typing import NDArray

from shared.duplicates.matching.arrays import Numbers
from shared.duplicates.matching.blocking import pairs_within
from shared.duplicates.matching.comparisons import SCALES, Flags, Levels, Pairs
from shared.duplicates.matching.dataset import Fiches, Links

_TIES = {name: level for level, name in enumerate(SCALES["tie"])}
_EVERY_BLOCK = 10_000
_CLEARLY = 1.0


def compare_households(fiches: Fiches, pairs: Pairs) -> dict[str, Levels]:
    """The closest tie of each pair through their students, and whether they are the same to them."""
    count = len(fiches)
    codes = pairs.one * count + pairs.other
    links = fiches.links
    tied = np.zeros(count, dtype=np.bool_)
    tied[links.fiche] = True
    ties = (tied[pairs.one].astype(np.int8) + tied[pairs.other]).astype(np.int8)
    ties[np.isin(codes, pairs_within(fiches.neighbours, links.fiche, count))] = _TIES["neighbours"]
    ties[np.isin(codes, pairs_within(fiches.brothers, links.fiche, count))] = _TIES["brothers"]
    one, other = _sharing_a_student(links)
    for name, those in _ties_to_one_student(links, one, other).items():
        ties[np.isin(codes, _coded(links, one[those], other[those], count))] = _TIES[name]
    return {"tie": ties, "kinship": _kinships(fiches, pairs)}


def _sharing_a_student(links: Links) -> tuple[Numbers, Numbers]:
    """The positions of two links to one student, for every two."""
    ties = pairs_within(links.student, np.arange(len(links.student)), len(links.student), _EVERY_BLOCK)
    return np.divmod(ties, max(1, len(links.student)))


def _ties_to_one_student(links: Links, one: Numbers, other: Numbers) -> dict[str, Flags]:
    """From the weakest to the strongest sign that they are two persons."""
    kinships = links.kinship[one], links.kinship[other]
    return {
        "child": np.ones(len(one), dtype=np.bool_),
        "both_contacts": (links.rank[one] == 0) & (links.rank[other] == 0),
        "other_kinship": (kinships[0] != kinships[1]) & (np.minimum(*kinships) > 0),
        "both_legal": (links.rank[one] > 0) & (links.rank[other] > 0),
    }


def _coded(links: Links, one: Numbers, other: Numbers, count: int) -> Numbers:
    left, right = links.fiche[one], links.fiche[other]
    codes: Numbers = np.minimum(left, right) * count + np.maximum(left, right)
    return codes


def _kinships(fiches: Fiches, pairs: Pairs) -> Levels:
    """Whether they have a kinship to some student in common, mother of one and mother of the other."""
    links = fiches.links
    known = links.kinship > 0
    if not known.any():
        return np.zeros(len(pairs), dtype=np.int8)
    held = np.zeros((len(fiches), int(links.kinship.max()) + 1), dtype=np.bool_)
    held[links.fiche[known], links.kinship[known]] = True
    some: Flags = np.any(held, axis=1)
    missing = ~(some[pairs.one] & some[pairs.other])
    shared = (held[pairs.one] & held[pairs.other]).any(axis=1)
    return np.where(missing, 0, np.where(shared, 2, 1)).astype(np.int8)


def settled_ties(levels: dict[str, Levels]) -> Levels:
    """The ties, where two legal guardians of one student who bear one name and one civility are no couple."""
    alike = np.ones(len(levels["tie"]), dtype=np.bool_)
    for scale in ("last", "first", "sex"):
        alike &= levels[scale] == SCALES[scale].index("same")
    return np.where(alike & (levels["tie"] == _TIES["both_legal"]), _TIES["child"], levels["tie"]).astype(np.int8)


def couples(levels: dict[str, Levels]) -> Flags:
    """The pairs of a man and a woman who are two to one student, or whose first names are not the same."""
    two_to_a_student = levels["tie"] >= _TIES["other_kinship"]
    other_first_name = levels["first"] != SCALES["first"].index("same")
    man_and_woman = levels["sex"] == SCALES["sex"].index("different")
    found: Flags = man_and_woman & (two_to_a_student | other_first_name)
    return found


def with_better_rivals(fiches: Fiches, pairs: Pairs, scores: NDArray[np.float64]) -> Flags:
    """The pairs of which one fiche is more like a third, that stands beside the other with the same student.

    Those who stand beside each other are two persons: of twin sisters, one is the duplicate, not both.
    """
    beside = _beside(fiches.links)
    known = dict(zip(zip(pairs.one.tolist(), pairs.other.tolist(), strict=True), scores.tolist(), strict=True))
    alike: dict[int, dict[int, float]] = {}
    for (one, other), value in known.items():
        alike.setdefault(one, {})[other] = value
        alike.setdefault(other, {})[one] = value
    outdone = [
        _outdone(one, other, value, alike, beside) or _outdone(other, one, value, alike, beside)
        for (one, other), value in known.items()
    ]
    return np.array(outdone, dtype=np.bool_)


def _beside(links: Links) -> dict[int, set[int]]:
    """For each fiche, those tied to one of its students."""
    tied: dict[int, list[int]] = {}
    for student, fiche in zip(links.student.tolist(), links.fiche.tolist(), strict=True):
        tied.setdefault(student, []).append(fiche)
    beside: dict[int, set[int]] = {}
    for those in tied.values():
        for fiche in those:
            beside.setdefault(fiche, set()).update(those)
    return beside


def _outdone(
    one: int, other: int, value: float, alike: dict[int, dict[int, float]], beside: dict[int, set[int]]
) -> bool:
    return any(
        rival in beside.get(other, ()) and alike[other].get(rival, -1.0) < 0 and likeness > value + _CLEARLY
        for rival, likeness in alike[one].items()
        if rival != other
    )
