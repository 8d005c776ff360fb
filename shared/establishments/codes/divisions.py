"""Codes of divisions, shown as they are written, and whether `6 A` and `6A` are one. Pure functions."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

DIVISION_CODE_LENGTH = 20


class Joined(NamedTuple):
    """Which codes are written otherwise for one division."""

    read: Mapping[str, str]
    """Of those of the files: the code that stands for each; those that stand for themselves are not in it."""
    renamed: Mapping[str, str]
    """Of those of the school base: how the files write them now."""


def spelling_key(code: str) -> str:
    """The same for codes that differ in blanks and capitals only."""
    return "".join(code.split()).casefold()


def join_spellings(structures: Collection[str], students: Collection[str], known: Collection[str]) -> Joined:
    """Join the codes of the structures' file, of the students' file and of the school base, where there is no doubt.

    Two spellings in one file are two divisions, for SIECLE has one code for each; then nothing is joined. One spelling
    in each file is one division, written as in the structures, else as in the students' file.
    """
    read, renamed = dict[str, str](), dict[str, str]()
    of_structures, of_students, of_base = map(_by_key, (structures, students, known))
    for key in of_structures.keys() | of_students.keys():
        defined, used, before = of_structures[key], of_students[key], of_base[key]
        if len(defined) > 1 or len(used) > 1:
            continue
        (code,) = defined or used
        read |= {other: code for other in used if other != code}
        if len(before) == 1 and code not in before:
            renamed |= dict.fromkeys(before, code)
    return Joined(read, renamed)


def _by_key(codes: Collection[str]) -> defaultdict[str, set[str]]:
    found = defaultdict[str, set[str]](set)
    for code in codes:
        found[spelling_key(code)].add(code)
    return found
