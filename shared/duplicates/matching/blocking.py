"""Which fiches are worth comparing: those that share a key. Two that share none are never looked at together."""

from collections.abc import Iterator

import numpy as np

from shared.duplicates.matching.arrays import Numbers, combined, distinct
from shared.duplicates.matching.dataset import Fiches
from shared.duplicates.matching.vocabulary import Vocabulary

LARGEST_BLOCK = 24
"""Fiches that share a key commoner than this are left to the other keys: a block of n makes n² / 2 pairs."""

Keys = tuple[Numbers, Numbers]
"""Keys, 0 for none, and the position of the fiche of each; a fiche may have several keys of one kind."""


def candidates(fiches: Fiches, vocabulary: Vocabulary) -> Numbers:
    """The pairs of fiches that share a key, each once, as `first position * number of fiches + second position`."""
    found = [_within(keys, positions, len(fiches), LARGEST_BLOCK) for keys, positions in _blocks(fiches, vocabulary)]
    return distinct(np.concatenate(found))


def pairs_within(keys: Numbers, positions: Numbers, count: int, largest: int = LARGEST_BLOCK) -> Numbers:
    """The pairs of `positions` that have the same key, other than 0; blocks over `largest` make none."""
    return distinct(_within(keys, positions, count, largest))


def _within(keys: Numbers, positions: Numbers, count: int, largest: int) -> Numbers:
    """The same, some pairs perhaps several times."""
    known = np.flatnonzero(keys)
    order = known[np.argsort(keys[known])]
    keys, positions = keys[order], positions[order]
    starts = np.flatnonzero(np.diff(keys, prepend=0))
    sizes = np.diff(starts, append=len(keys))
    ends = np.repeat(np.where(sizes <= largest, starts + sizes, 0), sizes)
    # Each place of a block makes a pair with every place of the block that comes after it.
    place = np.arange(len(keys))
    after = np.maximum(ends - place - 1, 0)
    left = np.repeat(place, after)
    right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(after) - after, after)
    one, other = positions[left], positions[right]
    pairs: Numbers = (np.minimum(one, other) * count + np.maximum(one, other))[one != other]
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
    town, city = fiches.towns.numbers, fiches.cities.numbers
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
    yield list(np.split(fiches.telephones, 3))
    yield [fiches.emails.numbers]
    yield [fiches.emails.regrouped(lambda address: address.partition("@")[0])]
    place, way, number = fiches.places.numbers, fiches.ways.numbers, fiches.street_numbers.numbers
    town = fiches.towns.regrouped(lambda code: "".join(sorted(code)))
    yield [place]
    yield [combined(way, number)]
    yield [combined(number, town)]
    names = (vocabulary.first, vocabulary.family, vocabulary.usage)
    one_letter, two_letters = ([vocabulary.letters(name, count) for name in names] for count in (1, 2))
    yield [combined(way, letters) for letters in two_letters]
    yield [combined(town, letters) for letters in two_letters]
    yield [combined(way, town, letter) for letter in one_letter]
    yield [combined(number, town, letter) for letter in one_letter]
