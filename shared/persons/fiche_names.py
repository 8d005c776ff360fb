"""The names of a fiche, and what is written beside them, from what SIECLE has in its three fields. Pure functions."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from shared.models.school import NAME_KEY_LENGTH, STAFF_NOTE_LENGTH, Hold, NameFlag
from shared.persons.name_parts import parts_of
from shared.persons.names import LOST_CHARACTER, fold
from shared.persons.organisations import is_organisation
from shared.persons.remarks import hold_said

BETWEEN_REMARKS = " ; "

_AS_THEY_ARE: Sequence[str | None] = (None, None, None)


class _Part(NamedTuple):
    """What one of the three fields holds."""

    name: str
    remarks: tuple[str, ...]
    folded: str
    """The name, as it stands in a key."""
    flag: NameFlag | None
    """What is wrong with the name itself."""


class NoName(Exception):
    """Nothing in the three fields is a name."""


class FicheNames(NamedTuple):
    """The columns that names fill, in the order of those of a record."""

    family_name: str
    usage_name: str | None
    first_name: str
    name_key: str
    birth_name_key: str
    name_flag: NameFlag | None
    staff_note: str | None
    hold: Hold | None
    written_family_name: str | None
    written_usage_name: str | None
    written_first_name: str | None

    @property
    def is_organisation(self) -> bool:
        """Whether they are those of an organisation, which has no first name."""
        return is_organisation(self.usage_name or self.family_name, self.first_name)


def fiche_names(family_name: str, usage_name: str, first_name: str, *, of_student: bool) -> FicheNames:
    """The names without the remarks beside them; one or two of the three may be none.

    Raises:
        NoName: none of them is a name.
    """
    texts = (family_name, usage_name, first_name)
    family, usage, first = parts = (_part_of(family_name), _part_of(usage_name), _part_of(first_name))
    names = (family.name, usage.name, first.name)
    if not any(names):
        raise NoName
    written = _AS_THEY_ARE
    if names != texts:
        written = [text if text != name else None for text, name in zip(texts, names, strict=True)]
    remarks = [*family.remarks, *usage.remarks, *first.remarks]
    key = _key(usage if usage.name else family, first)
    return FicheNames(
        family.name,
        usage.name or None,
        first.name,
        key,
        _key(family, first) if family.name and usage.name else key,
        _flag(parts, is_mixed=any(written) or not family.name, of_student=of_student),
        BETWEEN_REMARKS.join(remarks)[:STAFF_NOTE_LENGTH] or None,
        hold_said(remarks, of_student=of_student) if remarks else None,
        *written,
    )


# A school has a few hundred first names and shares its family names: each is looked at once.
@lru_cache(maxsize=16_384)
def _part_of(text: str) -> _Part:
    name, remarks = parts_of(text)
    flag = None
    if LOST_CHARACTER in name:
        flag = NameFlag.LOST_CHARACTER
    elif any(map(str.isdigit, name)):
        flag = NameFlag.DIGITS
    return _Part(name, remarks, fold(name), flag)


def _key(last_name: _Part, first_name: _Part) -> str:
    # The same key as `shared.persons.names.name_key`, from folded parts that are remembered.
    return f"{last_name.folded} {first_name.folded}".strip()[:NAME_KEY_LENGTH]


def _flag(parts: tuple[_Part, _Part, _Part], *, is_mixed: bool, of_student: bool) -> NameFlag | None:
    """Why the names need a correction in the school base; none when they look right."""
    if is_mixed:
        return NameFlag.COMMENT
    family, usage, first = parts
    flag = family.flag or usage.flag or first.flag
    if flag is not None:
        flags = {part.flag for part in parts}
        return NameFlag.LOST_CHARACTER if NameFlag.LOST_CHARACTER in flags else flag
    complete = first.name or (not of_student and is_organisation(usage.name or family.name, first.name))
    return None if complete else NameFlag.NO_FIRST_NAME
