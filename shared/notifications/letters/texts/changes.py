"""What changes from one text to another, line by line, for whoever is about to replace it. Pure functions."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


class Change(enum.StrEnum):
    """What becomes of a line."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Line:
    """One line of either text."""

    change: Change
    text: str


def changes(before: str, after: str) -> Sequence[Line]:
    """The lines of both texts, in the order of reading; those removed before those that take their place."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[Line] = []
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [Line(Change.KEPT, text) for text in old[start:end]]
        else:
            lines += [Line(Change.REMOVED, text) for text in old[start:end]]
            lines += [Line(Change.ADDED, text) for text in new[new_start:new_end]]
    return lines
