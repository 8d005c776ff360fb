"""Whether the names of two records can be one person's: spelling, order, usage names, several first names. Pure."""

import enum
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from shared.persons.names import LOST_CHARACTER, fold
from shared.persons.phonetics import phonetic_key

SLIP_FROM = 6
"""Letters: in shorter names one letter makes another name, `Léo` and `Léa`, `Lina` and `Lena`."""
SOUND_FROM = 4
CUT_FROM = 10
_LETTERS_LOST = (1, 2)
"""That one `?` may stand for: `Œ` is written `OE`."""
_PARTICLES = frozenset(
    {"al", "ben", "bin", "d", "da", "de", "del", "den", "des", "di", "dos", "du", "el", "l", "la", "las", "le"}
    | {"les", "los", "saint", "sainte", "st", "van", "von"}
)
_FEMININE_ENDINGS = frozenset({"e", "le", "ne", "se", "te"})


class PersonNames(NamedTuple):
    """The names of a person, as a file writes them."""

    family_name: str
    usage_name: str | None
    first_name: str


class Likeness(enum.Enum):
    """What two persons' names are to each other; what is missing on one side contradicts nothing."""

    AGREE = "agree"
    AGREE_IN_PART = "agree in part"
    """One of them lacks a name, and what both have agrees."""
    OTHER_LAST_NAME = "other last name"
    OTHER_FIRST_NAME = "other first name"
    OTHER = "other"

    @property
    def other_first_name(self) -> bool:
        """Whether the first names cannot be one person's."""
        return self in {Likeness.OTHER_FIRST_NAME, Likeness.OTHER}


def compare_names(one: PersonNames, other: PersonNames) -> Likeness:
    """Whether the last names, and the first names, can be one person's (R31).

    A usage name, a compound name of which a part is left out, last and first name in each other's place, one of several
    first names and a slip of the keyboard are no contradiction; two first names that are quite different are.
    """
    last = _last_names_agree(one, other)
    first = _first_names_agree(one.first_name, other.first_name)
    if (last and first) or _swapped(one, other):
        return Likeness.AGREE_IN_PART if _lacks_a_name(one, other) else Likeness.AGREE
    if first and _words(one.first_name) and _words(other.first_name):
        return Likeness.OTHER_LAST_NAME
    # With no first name to compare, the last names are all there is.
    return Likeness.OTHER_FIRST_NAME if last else Likeness.OTHER


def same_names(one: PersonNames, other: PersonNames) -> bool:
    """Whether they are written alike but for case, accents and hyphens, one of the last names with one of the other."""
    lasts = ({_glued(name) for name in (names.family_name, names.usage_name) if name} for names in (one, other))
    return _glued(one.first_name) == _glued(other.first_name) and not set.isdisjoint(*lasts)


def has_first_name(names: PersonNames) -> bool:
    """Whether there is a first name; an organisation has none."""
    return bool(_words(names.first_name))


@lru_cache(maxsize=16_384)
def _words(name: str) -> tuple[str, ...]:
    # A character that SIECLE lost is left out rather than made a blank.
    return tuple(fold(name.replace(LOST_CHARACTER, "")).split())


def _glued(name: str) -> str:
    return "".join(_words(name))


def _last_words(names: PersonNames) -> set[str]:
    words = {word for name in (names.family_name, names.usage_name) if name for word in _words(name)}
    return words - _PARTICLES or words


def _last_names_agree(one: PersonNames, other: PersonNames) -> bool:
    mine, theirs = _last_words(one), _last_words(other)
    if not mine or not theirs or mine & theirs:
        return True
    return any(
        _near(left, right) or _cut(left, right)
        for left in (one.family_name, one.usage_name)
        for right in (other.family_name, other.usage_name)
        if left and right
    )


def _first_names_agree(one: str, other: str) -> bool:
    mine, theirs = _words(one), _words(other)
    if not mine or not theirs:
        return True
    if set(mine) <= set(theirs) or set(theirs) <= set(mine):
        return True
    if _near(one, other) or _cut(one, other) or _initials(mine, theirs):
        return True
    # `Virgnie` and `Virginie Marie`: one of several first names, and a slip.
    return 1 in {len(mine), len(theirs)} and _near(mine[0], theirs[0])


def _lacks_a_name(one: PersonNames, other: PersonNames) -> bool:
    """Whether one of them has no first name, or no last name, and the other has."""
    firsts = {bool(_words(names.first_name)) for names in (one, other)}
    lasts = {bool(_last_words(names)) for names in (one, other)}
    return len(firsts) > 1 or len(lasts) > 1


def _swapped(one: PersonNames, other: PersonNames) -> bool:
    """Whether the last name of each is the first name of the other."""
    firsts = set(_words(one.first_name)), set(_words(other.first_name))
    return all(firsts) and firsts[0] <= _last_words(other) and firsts[1] <= _last_words(one)


def _near(one: str, other: str) -> bool:
    """Whether two names are one name spelt twice: the same letters, the same sound, one slip in a long name."""
    mine, theirs = _glued(one), _glued(other)
    shorter, longer = sorted((mine, theirs), key=len)
    if mine == theirs:
        return bool(mine)
    if LOST_CHARACTER in one + other:
        return _once_lost(one, theirs) or _once_lost(other, mine)
    # `Gaël` and `Gaëlle` sound alike and are brother and sister.
    if longer.startswith(shorter) and longer[len(shorter) :] in _FEMININE_ENDINGS:
        return False
    if len(shorter) >= SOUND_FROM and phonetic_key(mine) == phonetic_key(theirs):
        return True
    return len(shorter) >= SLIP_FROM and one_slip(mine, theirs)


def one_slip(one: str, other: str) -> bool:
    """Whether two texts are one but for a letter too many, lacking or other, or two letters in each other's place."""
    alike = sum(1 for _ in takewhile(lambda letters: letters[0] == letters[1], zip(one, other, strict=False)))
    left, right = one[alike:], other[alike:]
    exchanged = left[:2] == right[1::-1] and left[2:] == right[2:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or exchanged


def _once_lost(written: str, whole: str) -> bool:
    """Whether `whole` is `written` with other letters where SIECLE lost one: `NO?L` and `noel`, `B?UF` and `boeuf`."""
    if LOST_CHARACTER not in written:
        return False
    first, *others = (_glued(piece) for piece in written.split(LOST_CHARACTER))
    # Where the pieces read so far may end: a name of many lost letters takes no longer than one of a few.
    ends = {len(first)} if whole.startswith(first) else set()
    for piece in others:
        begun = {end + lost for end in ends for lost in _LETTERS_LOST if whole[end : end + lost].isalpha()}
        ends = {start + len(piece) for start in begun if start <= len(whole) and whole.startswith(piece, start)}
    return any((first, *others)) and len(whole) in ends


def _cut(one: str, other: str) -> bool:
    """Whether one is the beginning of the other, as where a field was too short for a compound name."""
    shorter, longer = sorted((one, other), key=lambda name: len(_glued(name)))
    letters = _glued(shorter)
    return (len(_words(shorter)) > 1 or len(letters) >= CUT_FROM) and _glued(longer).startswith(letters)


def _initials(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether one is written with initials only: `J` and `Jean`, `J P` and `Jean-Paul`."""
    shorter, longer = sorted((mine, theirs), key=lambda words: len("".join(words)))
    return all(len(word) == 1 for word in shorter) and [*shorter] == [word[0] for word in longer[: len(shorter)]]
