"""Says why two fiches are likely one person, and what speaks against it, in the words of a secretary (R12)."""

from typing import NamedTuple

from rapidfuzz.distance import OSA

from shared.duplicates.matching.comparisons import SCALES
from shared.duplicates.matching.dataset import Fiches, Written, fold_name
from shared.duplicates.matching.matcher import Found

_LAST = {
    "same": "même nom",
    "near": "noms presque identiques",
    "part": "un nom contenu dans l'autre",
    "alike": "noms voisins",
}
_FIRST = {
    "same": "même prénom",
    "near": "prénoms presque identiques",
    "part": "un prénom contenu dans l'autre",
    "alike": "prénoms voisins",
}
_FOR: dict[str, dict[str, str]] = {
    "mobile": {"same": "même portable", "other": "un téléphone en commun"},
    "home": {"same": "même téléphone fixe"},
    "email": {"same": "même adresse e-mail"},
    "place": {"same": "même adresse", "near": "adresses presque identiques"},
    "tie": {
        "brothers": "responsables de deux enfants de la même famille",
        "neighbours": "responsables de deux enfants à la même adresse",
        "child": "responsables d'un même élève",
    },
    "rarity": {"rare": "nom et prénom rares dans l'établissement"},
}
_AGAINST: dict[str, dict[str, str]] = {
    "last": {"missing": "nom absent d'une des fiches"},
    "first": {"missing": "prénom absent d'une des fiches", "other_name": "deux prénoms qui existent"},
    "sex": {"different": "civilités différentes"},
    "mobile": {"different": "portables différents"},
    "home": {"different": "téléphones fixes différents"},
    "email": {"different": "adresses e-mail différentes"},
    "place": {"different": "adresses différentes", "town": "adresses différentes dans la même commune"},
    "tie": {
        "strangers": "enfants sans lien connu",
        "both_contacts": "tous deux contacts d'un même élève",
        "other_kinship": "liens de parenté différents avec un même élève",
        "both_legal": "tous deux responsables légaux d'un même élève, comme des conjoints",
    },
    "rarity": {"common": "nom et prénom courants dans l'établissement"},
}
_OUTDONE = "l'une des deux ressemble davantage à une autre fiche"
_OTHER_KINSHIP = "liens de parenté différents"

SUREST = 0.99
"""Nothing in a school base makes two fiches one person for certain."""

Levels = dict[str, str]
"""The name of the level of one pair on each scale."""


class Description(NamedTuple):
    """What staff are told of a pair; the confidence in hundredths."""

    confidence: float
    reasons: list[str]
    against: list[str]


def described(fiches: Fiches, found: Found) -> dict[tuple[int, int], Description]:
    """Each pair in words, by the numbers of its fiches."""
    ids, said = fiches.ids.tolist(), {}
    for position in range(len(found.pairs)):
        one, other = int(found.pairs.one[position]), int(found.pairs.other[position])
        levels = _levels_of(found, position)
        said[ids[one], ids[other]] = Description(
            min(SUREST, round(float(found.confidence[position]), 2)),
            _reasons(levels, fiches.written[one], fiches.written[other]),
            _against(levels, outdone=bool(found.outdone[position])),
        )
    return said


def _levels_of(found: Found, position: int) -> Levels:
    return {scale: SCALES[scale][int(levels[position])] for scale, levels in found.levels.items()}


def _reasons(levels: Levels, one: Written, other: Written) -> list[str]:
    """What speaks for one person: names first, then contacts, then the students."""
    return [*_names(levels, one, other), *_said(_FOR, levels)]


def _against(levels: Levels, *, outdone: bool) -> list[str]:
    said = _said(_AGAINST, levels)
    if levels["kinship"] == "different" and levels["tie"] != "other_kinship":
        said.append(_OTHER_KINSHIP)
    return said + ([_OUTDONE] if outdone else [])


def _said(words: dict[str, dict[str, str]], levels: Levels) -> list[str]:
    return [by_level[levels[scale]] for scale, by_level in words.items() if levels[scale] in by_level]


def _names(levels: Levels, one: Written, other: Written) -> list[str]:
    if levels["order"] == "swapped":
        return [f"nom et prénom inversés ({one.family} {one.first} / {other.family} {other.first})"]
    last, first = _LAST.get(levels["last"]), _FIRST.get(levels["first"])
    said = [last + _last_names(one, other)] if last else []
    return said + ([first + _both(one.first, other.first)] if first else [])


def _last_names(one: Written, other: Written) -> str:
    """Family or usage name of each, whichever made them alike; said also where the lists show others."""
    ways = [(left, right) for left in (one.family, one.usage) for right in (other.family, other.usage)]
    written = [(left, right) for left, right in ways if left and right]
    left, right = min(written, key=lambda way: OSA.distance(fold_name(way[0]), fold_name(way[1])))
    shown = (one.usage or one.family) == (other.usage or other.family)
    return _both(left, right) if shown or left != right else f" ({left})"


def _both(one: str, other: str) -> str:
    return "" if one == other else f" ({one} / {other})"
