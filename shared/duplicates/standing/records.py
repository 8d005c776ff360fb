"""The parts of a fiche that are chosen as wholes when fiches are fused, and what the school base says of each (R13)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.models.school import Guardian

NOTE = ("staff_note", "hold")
PARTS: Mapping[str, tuple[str, ...]] = {
    # The keys follow the names, and half of one name with half of another is nobody's.
    "names": (
        *("family_name", "usage_name", "first_name", "name_key", "birth_name_key", "name_flag"),
        *("written_family_name", "written_usage_name", "written_first_name", *NOTE),
    ),
    "civility": ("civility",),
    "email": ("email",),
    "mobile_phone": ("mobile_phone",),
    "home_phone": ("home_phone",),
    "work_phone": ("work_phone",),
    "accepts_sms": ("accepts_sms",),
    "profession": ("profession_code",),
    "address": (
        "address_line1",
        "address_line2",
        "address_line3",
        "address_line4",
        "po_box",
        "postal_code",
        "city",
        "country",
    ),
}
COLUMNS = tuple(column for columns in PARTS.values() for column in columns)
LINK_COLUMNS = ("legal_rank", "kinship_code", "pays_fees", "receives_aid")

Columns = dict[str, Any]
_LOWEST_RANK = 3


@dataclass(frozen=True)
class Link:
    """A guardianship, by the number of its row and of its student."""

    id: int
    student_id: int
    values: Columns
    gone_at: datetime | None

    @property
    def strength(self) -> tuple[bool, int, bool]:
        """The lower, the better: there, then the better legal rank, then whoever receives the aid."""
        return (
            self.gone_at is not None,
            self.values["legal_rank"] or _LOWEST_RANK,
            not self.values["receives_aid"],
        )


@dataclass(frozen=True)
class Fiche:
    """A fiche without what is only of this installation: its account, its number."""

    columns: Columns
    links: Mapping[int, Link]
    """By student."""
    gone_at: datetime | None

    def part(self, name: str) -> tuple[Any, ...]:
        """The values of one part."""
        return tuple(self.columns[column] for column in PARTS[name])

    def has(self, name: str) -> bool:
        """Whether anything is written in this part."""
        return any(value not in (None, "") for value in self.part(name))


def columns_of(guardian: Guardian) -> Columns:
    """What the school base fills, as it is now; texts stand for what a JSON column cannot hold."""
    values = {column: getattr(guardian, column) for column in COLUMNS}
    values["name_flag"] = None if guardian.name_flag is None else guardian.name_flag.value
    values["hold"] = None if guardian.hold is None else guardian.hold.value
    return values


def fuse(fiches: Sequence[tuple[int, Fiche]], choices: Mapping[str, int]) -> Fiche:
    """The fiche that these make, the one kept first; `choices` says from which each part is taken.

    A student of several is linked once, with the better legal rank: who paid and who received the aid still does. It is
    in the school base as long as one of them is. Whichever names are chosen, a note that the person died stays.
    """
    by_id = dict(fiches)
    kept_id, kept = fiches[0]
    columns = dict(kept.columns)
    for name, taken in PARTS.items():
        chosen = by_id[choices.get(name, kept_id)]
        columns |= {column: chosen.columns[column] for column in taken}
    number, consent = (by_id[choices.get(name, kept_id)].columns for name in ("mobile_phone", "accepts_sms"))
    if number["mobile_phone"] != consent["mobile_phone"]:
        # Somebody accepts SMS on one number, not on whichever is kept.
        columns["accepts_sms"] = number["accepts_sms"]
    if columns["hold"] is None:
        held = next((fiche.columns for _, fiche in fiches if fiche.columns["hold"]), columns)
        columns |= {name: held[name] for name in NOTE}
    gone = [fiche.gone_at for _, fiche in fiches]
    latest = max((instant for instant in gone if instant is not None), default=None)
    students = dict.fromkeys(student for _, fiche in fiches for student in fiche.links)
    links = {
        student: _one_link([fiche.links[student] for _, fiche in fiches if student in fiche.links])
        for student in students
    }
    return Fiche(columns, links, None if None in gone else latest)


def _one_link(links: Sequence[Link]) -> Link:
    """The first row, which is that of the fiche kept when it has one, with the best of all of them."""
    best = min(links, key=lambda link: link.strength)
    alive = [link for link in links if link.gone_at is None] or links
    flags = {flag: _any(link.values[flag] for link in alive) for flag in ("pays_fees", "receives_aid")}
    return Link(links[0].id, links[0].student_id, best.values | flags, best.gone_at)


def _any(flags: Iterable[bool | None]) -> bool | None:
    known = [flag for flag in flags if flag is not None]
    return any(known) if known else None


def follow_changes(
    choices: Mapping[str, int], before: Sequence[tuple[int, Fiche]], after: Mapping[int, Fiche]
) -> dict[str, int]:
    """What is chosen once the school base changed: a part that changed in a fiche is taken from it from then on.

    A part that was emptied in a fiche from which it was not taken changes nothing; one that changed in the fiche chosen
    stays there.
    """
    followed = dict(choices)
    for name in PARTS:
        changed = [
            number
            for number, fiche in before
            if after[number].part(name) != fiche.part(name) and after[number].has(name)
        ]
        if changed and choices.get(name, before[0][0]) not in changed:
            followed[name] = changed[0]
    return followed
