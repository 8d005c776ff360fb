"""Keys that changed hands: what becomes of them in the school base, and what is told of it (R31)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.persons.alike import PersonNames
from shared.siecle.recognising.matching import Matches, Own


@dataclass(frozen=True)
class Followed:
    """A person whom the file holds under another key than before."""

    key: str
    fiche_id: int
    former_key: str
    names: PersonNames


@dataclass(frozen=True)
class Replaced:
    """A key that stood for one person and stands for another one now."""

    key: str
    fiche_id: int
    """The fiche of whom it stood for."""
    former: PersonNames
    present: PersonNames
    account_id: int | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class United:
    """A fiche of a student whom the file holds under two keys: the other fiche goes on."""

    key: str
    fiche_id: int
    kept_key: str
    names: PersonNames
    account_id: int | None


@dataclass
class Changes:
    """What an import found of the keys of the students, or of the guardians."""

    followed: Sequence[Followed] = ()
    replaced: Sequence[Replaced] = ()
    united: Sequence[United] = ()


class Read(Protocol):
    """A record, of whatever sort of person."""

    @property
    def siecle_id(self) -> str:
        """Its key."""

    @property
    def names(self) -> PersonNames:
        """As the file writes them."""


class Known(Protocol):
    """A fiche, of whatever sort of person."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def account_id(self) -> int | None:
        """Its account."""

    @property
    def shown_key(self) -> str:
        """The key that people know it by."""

    @property
    def names(self) -> PersonNames:
        """As the school base has them."""


def changes_of(matches: Matches, own: Mapping[str, Own], records: Iterable[Read], fiches: Iterable[Known]) -> Changes:
    """What was found, with the names of whom it concerns."""
    by_key, by_id = {one.siecle_id: one for one in records}, {one.id: one for one in fiches}
    followed = [
        Followed(key, number, by_id[number].shown_key, by_key[key].names) for key, number in matches.followed.items()
    ]
    replaced = [
        Replaced(
            key,
            number,
            by_id[number].names,
            by_key[key].names,
            by_id[number].account_id,
            (ALREADY_KNOWN,) if own[key].verdict.same else own[key].verdict.reasons,
        )
        for key, number in matches.lost.items()
    ]
    return Changes(followed, replaced)


ALREADY_KNOWN = "une autre fiche est la sienne"


def full_name(names: PersonNames) -> str:
    """First name and name in use, as on an envelope."""
    return f"{names.first_name} {names.usage_name or names.family_name}".strip()
