"""Which fiche of the school base each record of a file speaks of, when the keys alone do not tell (R31). Pure."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from shared.persons.identity import Verdict

ROUNDS = 5
"""Once some have found their fiche, others may have only one left; what takes longer than that is in doubt."""

LARGEST_BUCKET = 64
"""What more persons than that have in common says nothing of any of them."""

Rank = tuple[int, ...]
Read = TypeVar("Read")
Known = TypeVar("Known")


@dataclass(frozen=True)
class Own:
    """The fiche that has the key of a record, and what is known of the two."""

    fiche_id: int
    verdict: Verdict
    firm: bool
    """They are one person beyond doubt: no other fiche is looked for."""


@dataclass(frozen=True)
class Likely:
    """A record and a fiche with another key that are surely one person, and how much says so: the higher, the more."""

    key: str
    fiche_id: int
    rank: Rank


@dataclass(frozen=True)
class Matches:
    """What becomes of the keys."""

    followed: Mapping[str, int]
    """The fiches that are known under another key now: the key of the record, the number of the fiche."""
    lost: Mapping[str, int]
    """The fiches whose key is somebody else's now, and who are nowhere in the file: they keep what they have."""


def match(own: Mapping[str, Own], likely: Iterable[Likely]) -> Matches:
    """Give each record its fiche, where there is no doubt.

    A record and a fiche with different keys belong together when each is the best that the other has, with none as
    good: of two that could be meant, none is. What is firm by its key is left alone.
    """
    settled = {one.fiche_id for one in own.values() if one.firm}
    open_pairs = [pair for pair in likely if not (pair.fiche_id in settled or (pair.key in own and own[pair.key].firm))]
    followed: dict[str, int] = {}
    for _ in range(ROUNDS):
        found = _best_of_each_other(open_pairs)
        followed |= found
        taken = set(found.values())
        open_pairs = [pair for pair in open_pairs if pair.key not in found and pair.fiche_id not in taken]
    elsewhere = set(followed.values())
    lost = {
        key: one.fiche_id
        for key, one in own.items()
        if one.fiche_id not in elsewhere and (key in followed or not one.verdict.same)
    }
    return Matches(followed, lost)


def _best_of_each_other(pairs: Iterable[Likely]) -> dict[str, int]:
    """The pairs of which each end has no other as good."""
    of_record: dict[str, list[Likely]] = {}
    of_fiche: dict[int, list[Likely]] = {}
    for pair in pairs:
        of_record.setdefault(pair.key, []).append(pair)
        of_fiche.setdefault(pair.fiche_id, []).append(pair)
    best = {key: _only_best(those) for key, those in of_record.items()}
    return {
        key: pair.fiche_id
        for key, pair in best.items()
        if pair is not None and _only_best(of_fiche[pair.fiche_id]) is pair
    }


def _only_best(pairs: list[Likely]) -> Likely | None:
    first, *others = sorted(pairs, key=lambda pair: pair.rank, reverse=True)
    return first if not others or others[0].rank < first.rank else None


def sharing(
    records: Iterable[tuple[Read, Collection[Hashable]]], fiches: Iterable[tuple[Known, Collection[Hashable]]]
) -> Iterator[tuple[Read, Known]]:
    """Each record with each fiche that has something in common with it, once: what, are the values beside them."""
    records = list(records)
    common = Counter(value for _, values in records for value in set(values))
    holders: dict[Hashable, list[tuple[int, Known]]] = {}
    for number, (fiche, values) in enumerate(fiches):
        for value in set(values):
            holders.setdefault(value, []).append((number, fiche))
    for record, values in records:
        met: dict[int, Known] = {}
        for value in set(values):
            those = holders.get(value, [])
            if len(those) <= LARGEST_BUCKET and common[value] <= LARGEST_BUCKET:
                met |= dict(those)
        yield from ((record, met[number]) for number in sorted(met))
