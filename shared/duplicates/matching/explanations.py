"""Says why two fiches are likely one person, and what speaks against it, in the words of a secretary (R12)."""

from collections.abc import Iterator
from typing import NamedTuple

from rapidfuzz.distance import OSA

from shared.duplicates.matching.dataset import Fiches, Written, fold_name
from shared.duplicates.matching.matcher import Found
from shared.duplicates.matching.parameters import SCALES

_NAMES = ("last", "first")

_LIKE: dict[str, dict[str, str]] = {
    "last": {
        "same": "même nom",
        "near": "noms presque identiques",
        "part": "un nom contenu dans l'autre",
        "alike": "noms voisins",
        "other": "noms voisins, qui existent tous deux",
        "short": "un nom abrégé",
    },
    "first": {
        "same": "même prénom",
        "near": "prénoms presque identiques",
        "part": "un prénom contenu dans l'autre",
        "alike": "prénoms voisins",
        "other": "deux prénoms qui existent",
        "short": "un prénom abrégé",
    },
    "mobile": {"same": "même portable", "other": "un téléphone en commun"},
    "home": {"same": "même téléphone fixe"},
    "email": {"same": "même adresse e-mail", "near": "adresses e-mail presque identiques"},
    "street": {"same": "même adresse", "near": "adresses presque identiques", "way": "même rue, autre numéro"},
    "tie": {
        "brothers": "responsables de deux enfants de la même famille",
        "neighbours": "responsables de deux enfants à la même adresse",
        "namesakes": "responsables de deux enfants de même nom",
        "child": "responsables d'un même élève",
    },
}
"""What speaks for one person, unless the model says that it hardly ever does."""
_UNLIKE: dict[str, dict[str, str]] = {
    "last": {"missing": "nom absent d'une des fiches", "different": "noms différents"},
    "first": {"missing": "prénom absent d'une des fiches", "different": "prénoms différents"},
    "sex": {"different": "civilités différentes"},
    "mobile": {"different": "portables différents"},
    "home": {"different": "téléphones fixes différents"},
    "email": {"different": "adresses e-mail différentes"},
    "street": {"different": "adresses différentes", "number": "adresses différentes"},
    "tie": {"strangers": "enfants sans lien connu", "apart": "enfants à des adresses différentes"},
    "kinship": {"different": "liens de parenté différents"},
}
"""What speaks against."""
_NEITHER = 0.7
"""A weight under which a likeness is said to speak for, though a little less often of one person than of others."""
_SAME_TOWN = " dans la même commune"
_RARE, _COMMON = 0.3, 1.5
"""Namesakes that chance alone would make in the school."""
_OUTDONE = "l'une des deux ressemble davantage à une autre fiche"
_COUPLE, _HOUSEHOLD = "peut-être des conjoints", "peut-être deux personnes d'un même foyer"
_NAMESAKES = "peut-être des homonymes"
_DOUBTFUL = 0.85
"""A confidence under which it is said what else the two may be."""

SUREST = 0.99
"""Nothing in a school base makes two fiches one person for certain."""


class Description(NamedTuple):
    """What staff are told of a pair; the confidence in hundredths."""

    confidence: float
    reasons: list[str]
    against: list[str]


class _Pair(NamedTuple):
    """One pair: its levels by name, and what each weighs for one person against the best other explanation."""

    levels: dict[str, str]
    weights: dict[str, float]
    confidence: float
    together: bool
    """The best other explanation is that they live together."""
    outdone: bool
    namesakes: float
    """How many chance alone would make."""


def described(fiches: Fiches, found: Found) -> dict[tuple[int, int], Description]:
    """Each pair in words, by the numbers of its fiches."""
    ids, said = fiches.ids.tolist(), {}
    for pair, one, other in zip(_pairs(found), found.pairs.one.tolist(), found.pairs.other.tolist(), strict=True):
        said[ids[one], ids[other]] = Description(
            min(SUREST, round(pair.confidence, 2)),
            *_sides(pair, fiches.written[one], fiches.written[other]),
        )
    return said


def _pairs(found: Found) -> Iterator[_Pair]:
    weights, namesakes = found.weights(), found.namesakes.tolist()
    columns = {scale: column.tolist() for scale, column in found.levels.items()}
    weighed = {scale: column.tolist() for scale, column in weights.items()}
    for place, confidence in enumerate(found.confidence.tolist()):
        yield _Pair(
            {scale: SCALES[scale][column[place]] for scale, column in columns.items()},
            {scale: column[place] for scale, column in weighed.items()},
            confidence,
            bool(found.odds.together[place] > 0),
            bool(found.outdone[place]),
            namesakes[place],
        )


def _sides(pair: _Pair, one: Written, other: Written) -> tuple[list[str], list[str]]:
    """What speaks for one person, and what against, the strongest first on either side."""
    reasons: list[tuple[float, str]] = []
    against: list[tuple[float, str]] = []
    for scale, weight in pair.weights.items():
        level = pair.levels[scale]
        like = _LIKE.get(scale, {}).get(level)
        unlike = _UNLIKE.get(scale, {}).get(level)
        if like and not (pair.levels["order"] == "swapped" and scale in _NAMES):
            side = reasons if weight > -_NEITHER else against
            side.append((abs(weight), like + _names(scale, one, other)))
        elif unlike:
            against.append((-weight, unlike + _where(scale, pair.levels)))
    if pair.levels["order"] == "swapped":
        weight = sum(pair.weights[scale] for scale in ("order", *_NAMES))
        reasons.append((weight, f"nom et prénom inversés ({one.family} {one.first} / {other.family} {other.first})"))
    in_order = [[words for _, words in sorted(side, key=lambda said: -said[0])] for side in (reasons, against)]
    return in_order[0] + _rarity(pair, rare=True), in_order[1] + _rarity(pair, rare=False) + _else(pair)


def _rarity(pair: _Pair, *, rare: bool) -> list[str]:
    if pair.levels["last"] != "same" or pair.levels["first"] != "same":
        return []
    if rare:
        return ["nom et prénom rares dans l'établissement"] if pair.namesakes < _RARE else []
    return ["nom et prénom courants dans l'établissement"] if pair.namesakes > _COMMON else []


def _else(pair: _Pair) -> list[str]:
    """What the two may be instead, where it is not clear that they are one."""
    said = [_OUTDONE] if pair.outdone else []
    if pair.confidence >= _DOUBTFUL:
        return said
    if pair.together:
        return [*said, _HOUSEHOLD if pair.levels["sex"] == "same" else _COUPLE]
    return [*said, _NAMESAKES]


def _where(scale: str, levels: dict[str, str]) -> str:
    return _SAME_TOWN if scale == "street" and levels["town"] == "same" else ""


def _names(scale: str, one: Written, other: Written) -> str:
    if scale == "last":
        return _last_names(one, other)
    return _both(one.first, other.first) if scale == "first" else ""


def _last_names(one: Written, other: Written) -> str:
    """Family or usage name of each, whichever made them alike; said also where the lists show others."""
    ways = [(left, right) for left in (one.family, one.usage) for right in (other.family, other.usage)]
    written = [(left, right) for left, right in ways if left and right]
    left, right = min(written, key=lambda way: OSA.distance(fold_name(way[0]), fold_name(way[1])))
    shown = (one.usage or one.family) == (other.usage or other.family)
    return _both(left, right) if shown or left != right else f" ({left})"


def _both(one: str, other: str) -> str:
    return "" if one == other else f" ({one} / {other})"
