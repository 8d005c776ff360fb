"""The distinct names of a base, numbered: each is heard and cut into words once, and two of them are compared once."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from shared.duplicates.matching.arrays import Flags, Numbers, Texts, numbered, texts
from shared.duplicates.matching.dataset import Fiches
from shared.persons.phonetics import phonetic_key
from shared.persons.short_names import is_listed

heard = lru_cache(maxsize=65_536)(phonetic_key)
"""How a name sounds; the schools of an académie share most of their names."""


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

    @cached_property
    def known(self) -> tuple[Flags, Flags]:
        """The last names, and the first names, that persons of several other names bear here: they are no slips."""
        lasts = np.concatenate([self.family, self.usage])
        return self._borne_by_several(lasts, np.tile(self.first, 2)), self._borne_by_several(self.first, self.family)

    def _borne_by_several(self, names: Numbers, others: Numbers) -> Flags:
        size = len(self.names)
        both = np.unique(names * size + self.sound[others])
        several: Flags = np.bincount(both // size, minlength=size) > 1
        return several

    def letters(self, names: Numbers, count: int) -> Numbers:
        """For each of these names the number of its first `count` letters; 0 for no name."""
        starts = numbered(name[:count] for name in self.glued)
        cut: Numbers = starts[names]
        return cut


def vocabulary_of(fiches: Fiches) -> Vocabulary:
    """Number the names of these fiches."""
    seen: dict[str, int] = {"": 0}

    def numbers(column: Texts) -> Numbers:
        return np.array([seen.setdefault(name, len(seen)) for name in column], dtype=np.int64)

    family, usage, first = numbers(fiches.family), numbers(fiches.usage), numbers(fiches.first)
    first_word = numbers(texts(name.partition(" ")[0] for name in fiches.first))
    student = numbers(fiches.links.name)
    names = texts(seen)
    glued = [name.replace(" ", "") for name in seen]
    return Vocabulary(
        names=names,
        glued=texts(glued),
        length=np.array([len(name) for name in glued], dtype=np.int64),
        word_count=np.array([name.count(" ") + 1 for name in seen], dtype=np.int64),
        words=[frozenset(name.split()) for name in seen],
        initial=numbered(name[:1] for name in seen),
        listed=np.array([is_listed(name) for name in seen], dtype=np.bool_),
        sound=numbered(heard(name) if name else "" for name in names),
        family=family,
        usage=usage,
        first=first,
        first_word=first_word,
        student=student,
    )
