"""The names of a fiche, and what is written beside them, from what SIECLE has in its three fields. Pure functions."""

from functools import lru_cache
from typing import NamedTuple

from shared.models.school import NAME_KEY_LENGTH, STAFF_NOTE_LENGTH, Hold, NameFlag
from shared.persons.name_parts import parts_of
from shared.persons.names import LOST_CHARACTER, fold
from shared.persons.organisations import is_organisation
from shared.persons.remarks import hold_said

BETWEEN_REMARKS = " ; "

# A school has a few hundred first names and shares its family names: folding is done once for each.
_folded = lru_cache(maxsize=16_384)(fold)


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
    parts = [parts_of(text) for text in texts]
    family, usage, first = (part.name for part in parts)
    if not (family or usage or first):
        raise NoName
    written = [text if text != part.name else None for text, part in zip(texts, parts, strict=True)]
    remarks = [remark for part in parts for remark in part.remarks]
    key = _key(usage or family, first)
    return FicheNames(
        family,
        usage or None,
        first,
        key,
        _key(family, first) if family and usage else key,
        _flag(family, usage, first, is_mixed=any(written) or not family, of_student=of_student),
        BETWEEN_REMARKS.join(remarks)[:STAFF_NOTE_LENGTH] or None,
        hold_said(remarks, of_student=of_student) if remarks else None,
        *written,
    )


def _key(last_name: str, first_name: str) -> str:
    # The same key as `shared.persons.names.name_key`, from folded parts that are remembered.
    return f"{_folded(last_name)} {_folded(first_name)}".strip()[:NAME_KEY_LENGTH]


@lru_cache(maxsize=16_384)
def _has_digits(name: str) -> bool:
    return any(map(str.isdigit, name))


def _flag(family: str, usage: str, first: str, *, is_mixed: bool, of_student: bool) -> NameFlag | None:
    """Why the names need a correction in the school base; none when they look right."""
    if is_mixed:
        return NameFlag.COMMENT
    if LOST_CHARACTER in family or LOST_CHARACTER in usage or LOST_CHARACTER in first:
        return NameFlag.LOST_CHARACTER
    if _has_digits(family) or _has_digits(usage) or _has_digits(first):
        return NameFlag.DIGITS
    complete = first or (not of_student and is_organisation(usage or family, first))
    return None if complete else NameFlag.NO_FIRST_NAME
