"""Which fiches are worth comparing: those that share a key. Two that share none are never looked at together."""

from collections.abc import Iterator

import numpy as np

from shared.duplicates.matching.arrays import Numbers, combined, numbered
from shared.duplicates.matching.dataset import Fiches
from shared.duplicates.matching.vocabulary import Vocabulary

LARGEST_BLOCK = 24
"""Fiches that share a key commoner than this are left to the other keys: a block of n makes n² / 2 pairs."""

Keys = tuple[Numbers, Numbers]
"""Keys, 0 for none, and the position of the fiche of each; a fiche may have several keys of one kind."""


def candidates(fiches: Fiches, vocabulary: Vocabulary) -> Numbers:
    """The pairs of fiches that share a key, each once, as `first position * number of fiches + second position`."""
    found = [pairs_within(keys, positions, len(fiches)) for keys, positions in _blocks(fiches, vocabulary)]
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


def _blocks(fiches: Fiches, vocabulary: Vocabulary) -> Iterator[Keys]:
    everybody = np.arange(len(fiches))
    for columns in (*_name_keys(fiches, vocabulary), *_contact_keys(fiches, vocabulary)):
        yield np.concatenate(columns), np.tile(everybody, len(columns))
    links = fiches.links
    yield links.student, links.fiche
    yield fiches.brothers, links.fiche
    # A mother who has another name on each fiche bears one first name, and her children one last name.
    first = vocabulary.sound[vocabulary.first][links.fiche]
    yield combined(first, vocabulary.sound[vocabulary.student]), links.fiche


def _name_keys(fiches: Fiches, vocabulary: Vocabulary) -> Iterator[list[Numbers]]:
    """Both names in any order; or one of them, with the beginning of the other or where they live."""
    sound = vocabulary.sound
    lasts = [sound[vocabulary.family], sound[vocabulary.usage]]
    first, first_word = sound[vocabulary.first], sound[vocabulary.first_word]
    town, city = numbered(fiches.postal), numbered(fiches.city)
    names = [(last, other) for last in lasts for other in (first, first_word)]
    yield [combined(np.minimum(*both), np.maximum(*both)) for both in names]
    yield lasts
    for count in (1, 2):
        begins_first = vocabulary.letters(vocabulary.first, count)
        begins_last = [vocabulary.letters(name, count) for name in (vocabulary.family, vocabulary.usage)]
        yield [combined(last, begins_first) for last in lasts]
        yield [combined(one, last) for last in begins_last for one in (first, first_word)]
    yield [combined(name, town) for name in (*lasts, first)]
    yield [combined(name, city) for name in (*lasts, first)]
    three = vocabulary.letters(vocabulary.first, 3)
    yield [combined(vocabulary.letters(name, 3), three) for name in (vocabulary.family, vocabulary.usage)]


def _contact_keys(fiches: Fiches, vocabulary: Vocabulary) -> Iterator[list[Numbers]]:
    """Telephones, e-mail, and the address as a whole, or a part of it with another part or with a letter of a name."""
    yield list(np.split(numbered([*fiches.mobile, *fiches.home, *fiches.work]), 3))
    yield [numbered(fiches.email)]
    yield [numbered(address.partition("@")[0] for address in fiches.email)]
    place, way, number = numbered(fiches.place), numbered(fiches.way), numbered(fiches.number)
    town = numbered("".join(sorted(code)) for code in fiches.postal)
    yield [place]
    yield [combined(way, number)]
    yield [combined(number, town)]
    one_letter = [vocabulary.letters(name, 1) for name in (vocabulary.first, vocabulary.family, vocabulary.usage)]
    two_letters = [vocabulary.letters(name, 2) for name in (vocabulary.first, vocabulary.family, vocabulary.usage)]
    yield [combined(way, letters) for letters in two_letters]
    yield [combined(town, letters) for letters in two_letters]
    yield [combined(way, town, letter) for letter in one_letter]
    yield [combined(number, town, letter) for letter in one_letter]
