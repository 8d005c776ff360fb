"""What staff type to find somebody, and where a word of it may be found. Pure functions."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz.distance import OSA

from shared.persons.names import fold
from shared.persons.phonetics import phonetic_key

LONGEST = 100
"""Characters that are looked at; nobody types more."""
MOST_WORDS = 6
INSIDE = 3
"""From this length on, letters are looked for inside words too; fewer only where a word begins."""
_IN_A_NUMBER = frozenset("0123456789.+()/-")
_SLIPS = ((8, 2), (4, 1))
"""From how many letters on, how many slips are forgiven."""
_MOST_ALIKE = 12
_HEARD_ALIKE = 2
"""By how many letters names that sound the same may differ."""


class Where(enum.StrEnum):
    """What of a family a word was found in."""

    NAME = "name"
    BIRTH_NAME = "birth_name"
    ALIKE = "alike"
    STUDENT = "student"
    DIVISION = "division"
    IDENTIFIER = "identifier"
    EMAIL = "email"
    PHONE = "phone"
    FICHE = "fiche"
    INE = "ine"


@dataclass(frozen=True)
class Word:
    """One word typed: what of it is a name, and what it is as it stands."""

    parts: tuple[str, ...]
    """Folded as names are: `D'Arc` is `d` and `arc`. Empty for signs alone."""
    raw: str
    """In small letters, for addresses and identifiers."""
    alike: frozenset[str] = frozenset()
    """Names that a slip leads to; empty as long as none is looked for."""

    @property
    def compact(self) -> str:
        """Without blanks or signs, as divisions, numbers of fiches and INE are compared."""
        return "".join(self.parts)

    @property
    def digits(self) -> str:
        """The digits of a number, as telephones are compared; empty for what is none."""
        return "".join(filter(str.isdigit, self.raw)) if _is_number(self.raw) else ""


def words_in(text: str) -> tuple[Word, ...]:
    """The words of what was typed; a number written with blanks is one word."""
    typed: list[str] = []
    printable = "".join(sign if sign.isprintable() else " " for sign in text[:LONGEST])
    for is_number, group in groupby(printable.split(), _is_number):
        those = list(group)
        typed += ["".join(those)] if is_number else those
    words = (Word(tuple(fold(one).split()), one.lower()) for one in typed[:MOST_WORDS])
    return tuple(word for word in words if word.compact)


def _is_number(typed: str) -> bool:
    return not set(typed) - _IN_A_NUMBER


def names_alike(word: Word, names: Iterable[str]) -> frozenset[str]:
    """Among the folded words of names, those that a slip of the fingers or of the ear makes `word` of.

    One letter wrong, missing, too many or two swapped from four letters on, two from eight; also as the beginning of
    a name, for who has not typed it to the end; and what sounds the same.
    """
    typed = word.compact
    slips = next((most for letters, most in _SLIPS if len(typed) >= letters), 0)
    if not slips or not typed.isalpha():
        return frozenset()
    heard = phonetic_key(typed)
    found = {name: distance for name in names if (distance := _distance(typed, name, heard, slips)) <= slips}
    return frozenset(sorted(found, key=lambda name: (found[name], name))[:_MOST_ALIKE])


def _distance(typed: str, name: str, heard: str, slips: int) -> int:
    """How many slips lead from a name, or its beginning, to what was typed; none to what sounds the same."""
    apart = abs(len(name) - len(typed))
    if apart <= _HEARD_ALIKE and phonetic_key(name) == heard:
        return 0
    if apart <= slips:
        return OSA.distance(typed, name, score_cutoff=slips)
    return OSA.distance(typed, name[: len(typed)], score_cutoff=slips) if len(name) > len(typed) else slips + 1


def is_in(part: str, key: str) -> bool:
    """Whether letters are found in a folded name: inside a word from three letters on, else where one begins."""
    return f" {part}" in f" {key}" or (len(part) >= INSIDE and part in key)


@dataclass(frozen=True)
class Said:
    """Everything of a family that can be searched, as it is compared."""

    names: Mapping[Where, str]
    """Folded: the name in use and the birth name."""
    students: Sequence[tuple[str, str]]
    """The folded name of each, and the division, compact."""
    texts: Mapping[Where, Sequence[str]]
    """Identifier and addresses, in small letters; numbers, compact."""


def where_found(word: Word, said: Said) -> Where | None:
    """Where a word is found first, for the sentence that says why; none where it is not."""
    for where, key in said.names.items():
        if word.parts and all(is_in(part, key) for part in word.parts):
            return where
    if any(name in said.names[where].split() for where in said.names for name in word.alike):
        return Where.ALIKE
    for name, division in said.students:
        if word.compact == division:
            return Where.DIVISION
        if all(is_in(part, name) for part in word.parts) or word.alike & {*name.split()}:
            return Where.STUDENT
    return next((where for where, texts in said.texts.items() if _is_in_one(where, word, texts)), None)


def _is_in_one(where: Where, word: Word, texts: Sequence[str]) -> bool:
    if where is Where.PHONE:
        return bool(word.digits) and any(phone_part(word.digits) in text for text in texts)
    if where in {Where.FICHE, Where.INE}:
        return any(text.startswith(word.compact) for text in texts)
    return any(word.raw in text for text in texts)


def phone_part(digits: str) -> str:
    """The digits of a telephone as all ways of writing it have them: without the zero or the country code before."""
    for prefix in ("00262", "0033", "262", "33"):
        if digits.startswith(prefix) and len(digits) - len(prefix) == 9:
            return digits[len(prefix) :]
    return digits.removeprefix("0") if len(digits) == 10 else digits
