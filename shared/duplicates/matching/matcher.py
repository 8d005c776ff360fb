"""From the fiches of an establishment to the pairs that are likely one person; nothing here asks the database."""

from dataclasses import dataclass

import numpy as np

from shared.duplicates.matching.blocking import candidates, sounds_of
from shared.duplicates.matching.comparisons import SCALES, Flags, Levels, Pairs, compare_contacts
from shared.duplicates.matching.dataset import Fiches
from shared.duplicates.matching.households import compare_households, couples, settled_ties, with_better_rivals
from shared.duplicates.matching.name_comparisons import NameLevels, compare_names, rarity
from shared.duplicates.matching.weights import COUPLE, RIVAL, Scores, confidence, score

PROPOSED = 0.5
"""The confidence from which a pair is kept and proposed to staff."""
_WORTH_KNOWING = -3.0
"""A score under which a pair is not even another one's rival."""


@dataclass(frozen=True)
class Found:
    """The pairs that are likely duplicates, with how each thing compares."""

    pairs: Pairs
    confidence: Scores
    levels: dict[str, Levels]
    outdone: Flags
    """A third fiche is more like one of the two."""


def find_duplicates(fiches: Fiches, changed: Flags | None = None) -> Found:
    """The likely duplicates among `fiches`; with `changed`, those of which at least one is marked there."""
    pairs, levels = compare(fiches, changed)
    scores = score(levels) + COUPLE * couples(levels)
    pairs, levels, scores = _kept(scores > _WORTH_KNOWING, pairs, levels, scores)
    outdone = with_better_rivals(fiches, pairs, scores)
    sure = confidence(scores + RIVAL * outdone)
    likely = sure >= PROPOSED
    pairs, levels, sure = _kept(likely, pairs, levels, sure)
    return Found(pairs, sure, levels, outdone[likely])


def compare(fiches: Fiches, changed: Flags | None = None, *, every: bool = False) -> tuple[Pairs, dict[str, Levels]]:
    """The candidates and all their levels; `every` keeps those whose names have nothing in common, for training."""
    sounds = sounds_of(fiches)
    pairs = Pairs(*np.divmod(candidates(fiches, sounds), max(1, len(fiches))))
    if changed is not None:
        pairs = pairs.where(changed[pairs.one] | changed[pairs.other])
    names = compare_names(fiches, sounds, pairs)
    if not every:
        alike = _names_alike(names)
        pairs, names = pairs.where(alike), names.where(alike)
    levels = {
        "last": names.last,
        "first": names.first,
        "order": names.order,
        "rarity": rarity(sounds, pairs, names),
        **compare_contacts(fiches, pairs),
        **compare_households(fiches, pairs),
    }
    return pairs, levels | {"tie": settled_ties(levels)}


def _names_alike(names: NameLevels) -> Flags:
    """Both names are alike, or one is and the other is missing: without that nothing else makes one person."""
    missing, different = SCALES["last"].index("missing"), SCALES["last"].index("different")
    neither_differs = (names.last != different) & (names.first != different)
    known: Flags = (names.last != missing) | (names.first != missing)
    alike: Flags = neither_differs & known
    return alike


def _kept(
    kept: Flags, pairs: Pairs, levels: dict[str, Levels], values: Scores
) -> tuple[Pairs, dict[str, Levels], Scores]:
    return pairs.where(kept), {scale: column[kept] for scale, column in levels.items()}, values[kept]
