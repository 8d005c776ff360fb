"""Which fiches are worth comparing: those that share a key. Two that share none are never looked at together."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from shared.duplicates.matching.arrays import Numbers, Texts, numbered, texts
from shared.duplicates.matching.dataset import Fiches
from shared.persons.phonetics import phonetic_key

LARGEST_BLOCK = 64
"""Fiches that share a key commoner than this are left to the other keys: a block of n makes n² / 2 pairs."""


@dataclass(frozen=True)
class Sounds:
    """How the names of every fiche sound, one position for each."""

    family: Texts
    usage: Texts
    first: Texts
    first_word: Texts
    """Of `Marie-Annick`, `Marie`."""


def sounds_of(fiches: Fiches) -> Sounds:
    """The phonetic keys of the names, worked out once for each distinct name."""
    known: dict[str, str] = {"": ""}

    def heard(name: str) -> str:
        if name not in known:
            known[name] = phonetic_key(name)
        return known[name]

    def column(names: Texts) -> Texts:
        return texts([heard(name) for name in names])

    first_words = texts([name.partition(" ")[0] for name in fiches.first])
    return Sounds(column(fiches.family), column(fiches.usage), column(fiches.first), column(first_words))


def candidates(fiches: Fiches, sounds: Sounds) -> Numbers:
    """The pairs of fiches that share a key, each once, as `first position * number of fiches + second position`."""
    found = [pairs_within(keys, positions, len(fiches)) for keys, positions in _blocks(fiches, sounds)]
    return np.unique(np.concatenate(found))


def pairs_within(keys: Numbers, positions: Numbers, count: int, largest: int = LARGEST_BLOCK) -> Numbers:
    """The pairs of `positions` that have the same key, other than 0; blocks over `largest` make none."""
    order = np.argsort(keys, kind="stable")
    keys, positions = keys[order], positions[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else keys
    sizes = np.diff(np.append(starts, len(keys)))
    kept = (sizes > 1) & (sizes <= largest) & (keys[starts] != 0)
    found = [
        _pairs_of_blocks(positions, starts[kept & (sizes == size)], int(size), count) for size in np.unique(sizes[kept])
    ]
    return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)


def _pairs_of_blocks(positions: Numbers, starts: Numbers, size: int, count: int) -> Numbers:
    blocks = positions[starts[:, None] + np.arange(size)]
    left, right = np.triu_indices(size, 1)
    one, other = blocks[:, left].ravel(), blocks[:, right].ravel()
    different = one != other
    pairs: Numbers = (np.minimum(one, other) * count + np.maximum(one, other))[different]
    return pairs


def _blocks(fiches: Fiches, sounds: Sounds) -> Iterator[tuple[Numbers, Numbers]]:
    """Keys, and the position of the fiche of each; a fiche may have several keys of one kind."""
    everybody = np.arange(len(fiches))
    for columns in _name_keys(fiches, sounds):
        yield _numbers(columns), np.tile(everybody, len(columns))
    yield _numbers([fiches.mobile, fiches.home, fiches.work]), np.tile(everybody, 3)
    yield _numbers([fiches.email]), everybody
    yield _numbers([fiches.place]), everybody
    yield fiches.links.student, fiches.links.fiche
    yield fiches.brothers, fiches.links.fiche


def _name_keys(fiches: Fiches, sounds: Sounds) -> Iterator[list[Texts]]:
    """The names in any order; then one of the names, with the beginning of the other or the postal code."""
    usages = [sounds.usage, sounds.family]
    yield [_in_any_order(last, first) for last in usages for first in (sounds.first, sounds.first_word)]
    yield [*(_glued(last, _start(sounds.first, 1)) for last in usages), _glued(sounds.first, _start(sounds.family, 1))]
    yield [_glued(sounds.first_word, _start(last, 2)) for last in usages]
    yield [*(_glued(last, fiches.postal) for last in usages), _glued(sounds.first, fiches.postal)]


def _in_any_order(one: Texts, other: Texts) -> Texts:
    return texts([f"{min(a, b)} {max(a, b)}" if a and b else "" for a, b in zip(one, other, strict=True)])


def _glued(one: Texts, other: Texts) -> Texts:
    return texts([f"{a} {b}" if a and b else "" for a, b in zip(one, other, strict=True)])


def _start(names: Texts, letters: int) -> Texts:
    return texts([name[:letters] for name in names])


def _numbers(columns: list[Texts]) -> Numbers:
    return numbered(text for column in columns for text in column)
