"""The distinct names of a base, numbered: each is heard and cut into words once, and two of them are compared once."""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain

import numpy as np

from shared.duplicates.matching.arrays import Flags, Numbers, Texts, column_of, distinct, numbered, texts
from shared.duplicates.matching.dataset import Fiches
from shared.persons.lists.first_names import borne_first_names
from shared.persons.phonetics import phonetic_key
from shared.persons.short_names import is_listed

heard = lru_cache(maxsize=65_536)(phonetic_key)
"""How a name sounds; the schools of an académie share most of their names."""
_BITS = 63


@dataclass(frozen=True)
class Vocabulary:
    """The distinct names of a base; a name is given by its number, and 0 is no name at all."""

    names: Texts
    """Folded, words separated by a blank."""
    glued: Texts
    """The same without blanks."""
    length: Numbers
    """Letters, without blanks."""
    word_count: Numbers
    words: list[frozenset[str]]
    marks: Numbers
    """A bit for each word, one of 63: names without a bit in common have no word in common."""
    initial: Numbers
    """The same number for names of one initial."""
    listed: Flags
    """Short forms that are listed: `Babeth`."""
    sound: Numbers
    """The same number for names that sound alike."""
    family: Numbers
    """For each fiche the number of its family name; so are `usage` and `first`."""
    usage: Numbers
    first: Numbers
    first_word: Numbers
    """Of `Marie-Annick`, `Marie`."""
    student: Numbers
    """For each tie between a fiche and a student, the last name of the student."""
    beginnings: dict[int, Numbers] = field(default_factory=dict)
    """By how many letters were asked for, the same number for names that begin with the same ones."""

    @cached_property
    def known(self) -> tuple[Flags, Flags]:
        """The last names and the first names that are surely no slips.

        Persons of several other names bear them here; of first names, also those that many bear in France.
        """
        lasts = np.concatenate([self.family, self.usage])
        in_france = borne_first_names()
        borne = np.array([name in in_france for name in self.names.tolist()], dtype=np.bool_)
        firsts = self._borne_by_several(self.first, self.family) | borne
        return self._borne_by_several(lasts, np.tile(self.first, 2)), firsts

    def _borne_by_several(self, names: Numbers, others: Numbers) -> Flags:
        size = len(self.names)
        both = distinct(names * size + self.sound[others])
        several: Flags = np.bincount(both // size, minlength=size) > 1
        return several

    def letters(self, names: Numbers, count: int) -> Numbers:
        """For each of these names the number of its first `count` letters; 0 for no name."""
        if count not in self.beginnings:
            self.beginnings[count] = numbered(name[:count] for name in self.glued)
        cut: Numbers = self.beginnings[count][names]
        return cut


def vocabulary_of(fiches: Fiches) -> Vocabulary:
    """Number the names of these fiches."""
    first_words = [name.partition(" ")[0] for name in fiches.first.tolist()]
    columns = (fiches.family.tolist(), fiches.usage.tolist(), fiches.first.tolist(), first_words, fiches.links.name)
    column = column_of(chain.from_iterable(columns))
    ends = np.cumsum([len(column) for column in columns])[:-1]
    family, usage, first, first_word, student = np.split(column.numbers, ends)
    seen = column.texts.tolist()
    words = [frozenset(name.split()) for name in seen]
    glued = [name.replace(" ", "") for name in seen]
    return Vocabulary(
        names=column.texts,
        glued=texts(glued),
        length=np.array([len(name) for name in glued], dtype=np.int64),
        word_count=np.array([name.count(" ") + 1 for name in seen], dtype=np.int64),
        words=words,
        marks=_marks(words),
        initial=numbered(name[:1] for name in seen),
        listed=np.array([is_listed(name) for name in seen], dtype=np.bool_),
        sound=numbered(heard(name) if name else "" for name in seen),
        family=family,
        usage=usage,
        first=first,
        first_word=first_word,
        student=student,
    )


def _marks(names: list[frozenset[str]]) -> Numbers:
    number_of: dict[str, int] = {}
    marks = np.zeros(len(names), dtype=np.int64)
    for place, words in enumerate(names):
        for word in words:
            marks[place] |= 1 << number_of.setdefault(word, len(number_of) % _BITS)
    return marks
