"""What is known of a base before and after it was looked at: how often each likeness comes in each kind of pair (R12).

Two fiches are of one person, or of two who live together, or of strangers. `REVIEWED` says what share of the pairs of
each kind has each level of each comparison; it was set by hand from what is known of schools, and fits no data.
`estimating` starts from it and lets each base correct it, within `BOUNDS`. What is missing on one side has no share: it
weighs nothing.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from shared.duplicates.matching.arrays import Levels, Reals

_SHARES: Final[dict[str, dict[str, tuple[float, float, float]]]] = {
    "last": {
        "different": (0.06, 0.4, 0.98),
        "short": (0.01, 0.005, 0.1),
        "other": (0.01, 0.01, 0.6),
        "alike": (0.06, 0.01, 1.2),
        "part": (0.1, 0.055, 0.3),
        "near": (0.12, 0.02, 0.3),
        "same": (0.64, 0.5, 1.0),
    },
    "first": {
        "different": (0.02, 1.0, 0.97),
        "short": (0.02, 2.0, 0.2),
        "other": (0.01, 3.0, 0.6),
        "alike": (0.05, 2.0, 1.4),
        "part": (0.08, 2.0, 0.3),
        "near": (0.12, 2.0, 0.4),
        "same": (0.7, 2.0, 1.0),
    },
    "order": {
        "straight": (0.975, 0.998, 1.0),
        "swapped": (0.025, 0.002, 1.0),
    },
    "sex": {
        "different": (0.01, 0.85, 0.5),
        "same": (0.99, 0.15, 0.5),
    },
    "mobile": {
        "different": (0.14, 0.86, 1.0),
        "other": (0.02, 0.04, 1.0),
        "same": (0.84, 0.1, 1.0),
    },
    "home": {
        "different": (0.12, 0.06, 1.0),
        "same": (0.88, 0.94, 1.0),
    },
    "email": {
        "different": (0.25, 0.8, 1.0),
        "near": (0.05, 0.03, 1.0),
        "same": (0.7, 0.17, 1.0),
    },
    "street": {
        "different": (0.22, 0.12, 0.98),
        "number": (0.02, 0.01, 0.01),
        "way": (0.03, 0.02, 1.0),
        "elsewhere": (0.01, 0.01, 1.0),
        "shared": (0.02, 0.02, 1.0),
        "near": (0.13, 0.07, 1.0),
        "same": (0.57, 0.75, 1.0),
    },
    "town": {
        "different": (0.35, 0.3, 0.9),
        "near": (0.05, 0.02, 0.01),
        "same": (0.6, 0.68, 1.0),
    },
    "tie": {
        "strangers": (0.08, 0.04, 0.99),
        "apart": (0.12, 0.03, 0.99),
        "namesakes": (0.1, 0.06, 1.0),
        "neighbours": (0.05, 0.05, 0.001),
        "brothers": (0.47, 0.22, 0.001),
        "child": (0.18, 0.6, 0.002),
    },
    "kinship": {
        "different": (0.06, 0.88, 0.55),
        "same": (0.94, 0.12, 0.45),
    },
}
"""What is known of schools: for each comparison its levels, from least to most alike, and the share of each among the
pairs of one person, of two who live together, and of strangers.

Where a likeness says the more the rarer it is (a name, a telephone), its share among strangers is a multiple of its
mean rarity; that of the first names of those who live together is a multiple of their share among strangers.
"""

SCALES: Final[dict[str, tuple[str, ...]]] = {scale: ("missing", *levels) for scale, levels in _SHARES.items()}
"""The levels of each comparison; "missing" says nothing either way."""

Shares = dict[str, tuple[float, ...]]
"""For each comparison the share of each level among the pairs that can be compared; the first, "missing", is 0."""


@dataclass(frozen=True)
class Parameters:
    """How often each level comes in the pairs of each kind, and how many pairs of each kind there are."""

    one_person: Shares
    together: Shares
    strangers: Shares
    """A multiple of its mean rarity, where a likeness says the more the rarer it is (a name, a telephone)."""
    duplicates: float
    """Pairs of one person, for each fiche."""
    households: float
    """Pairs of persons who live together, for each fiche."""

    def as_json(self) -> dict[str, Any]:
        """What is stored for a school."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Parameters | None":
        """What was stored; None when it was for other comparisons than those of today."""
        kinds = {kind: _shares(stored.get(kind, {})) for kind in ("one_person", "together", "strangers")}
        if any({scale: len(row) for scale, row in shares.items()} != _SIZES for shares in kinds.values()):
            return None
        return cls(**kinds, duplicates=float(stored["duplicates"]), households=float(stored["households"]))


def _shares(stored: dict[str, list[float]]) -> Shares:
    return {scale: tuple(map(float, row)) for scale, row in stored.items()}


_SIZES = {scale: len(levels) for scale, levels in SCALES.items()}


def level(scale: str, name: str) -> int:
    """The number of a level."""
    return SCALES[scale].index(name)


def _reviewed(kind: int) -> Shares:
    return {scale: (0.0, *(shares[kind] for shares in levels.values())) for scale, levels in _SHARES.items()}


REVIEWED = Parameters(_reviewed(0), _reviewed(1), _reviewed(2), duplicates=0.04, households=0.40)

SAID_BY_RARITY: Final = {
    ("last", "same"),
    ("first", "same"),
    ("mobile", "other"),
    ("mobile", "same"),
    ("home", "same"),
    ("email", "near"),
    ("email", "same"),
    ("street", "way"),
    ("street", "elsewhere"),
    ("street", "shared"),
    ("street", "near"),
    ("street", "same"),
    ("town", "same"),
    ("tie", "namesakes"),
}
"""The levels of which how rare the shared value is says all: their share among strangers is 1, times the rarity."""

PRIVATE: Final = {
    ("mobile", "other"),
    ("mobile", "same"),
    ("home", "same"),
    ("email", "same"),
    ("street", "way"),
    ("street", "elsewhere"),
    ("street", "near"),
    ("street", "same"),
}
"""The levels that chance hardly ever makes: how often it does is learnt with the rest."""

BOUNDS: Final[dict[tuple[str, str], tuple[float, float]]] = {
    ("first", "different"): (0.005, 0.20),
    ("last", "different"): (0.01, 0.25),
    ("order", "swapped"): (0.004, 0.12),
    ("sex", "different"): (0.003, 0.05),
    ("mobile", "different"): (0.08, 0.60),
    ("home", "different"): (0.05, 0.60),
    ("email", "different"): (0.10, 0.70),
    ("street", "different"): (0.08, 0.70),
    ("tie", "strangers"): (0.02, 0.60),
    ("tie", "apart"): (0.04, 0.60),
    ("kinship", "different"): (0.02, 0.25),
}
"""The least and the largest share of a level among the pairs of one person, whatever a base seems to say."""

PSEUDO_COUNTS: Final[dict[str, float]] = {"first": 150.0}
"""How many pairs the reviewed shares are worth beside those of the base; 40 where nothing is said."""
PSEUDO_COUNT: Final = 40.0
NEIGHBOURS_PSEUDO_COUNT: Final = 150.0
"""The same for how often chance makes persons live in one street: families do so too."""


def weights(parameters: Parameters) -> tuple[dict[str, Reals], dict[str, Reals]]:
    """For each level how many times likelier than among strangers it is, in logarithm: of one person, and together."""
    one = {scale: _weights(parameters.one_person[scale], parameters.strangers[scale]) for scale in SCALES}
    together = {scale: _weights(parameters.together[scale], parameters.strangers[scale]) for scale in SCALES}
    for scale in ("last", "first"):
        # A slip tells that it is the same name, and no more than that name says written well.
        for table in (one, together):
            table[scale] = np.minimum(table[scale], 0.0)
    # Those who live together have first names as strangers do, a little more alike: these are no shares but times.
    together["first"] = _weights(parameters.together["first"], (0.0, *(1.0 for _ in SCALES["first"][1:])))
    return one, together


def _weights(ours: tuple[float, ...], theirs: tuple[float, ...]) -> Reals:
    """0 for what is missing and for what never occurs."""
    shares, others = np.array(ours), np.array(theirs)
    known = (shares > 0) & (others > 0)
    known[0] = False
    table: Reals = np.where(known, np.log(np.where(known, shares, 1.0) / np.where(known, others, 1.0)), 0.0)
    return table


def total(tables: dict[str, Reals], levels: dict[str, Levels]) -> Reals:
    """The sum of the weights of each pair."""
    summed: Reals = np.zeros(len(levels["last"]))
    for scale, table in tables.items():
        summed += table[levels[scale]]
    return summed
