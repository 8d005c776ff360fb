"""Imports that would hurt, and the sentences that ask for a confirmation of just that (R32). Pure.

An import hurts when more than a tenth of those present, and at least ten, would leave, change name or lose a link; when
as many of their e-mail addresses would change; when its files are of an earlier school year, of two years, or of a day
to come.
"""

import enum
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from shared.french import agreed, enumerated, number
from shared.models.imports.changes import PersonChange

FEWEST = 10
"""Persons or addresses: fewer are never asked about."""
SHARE = 10
"""One in that many may change without a question."""
NAMES_SHOWN = 10
"""Beside the count of each loss."""
NAMES_KEPT = 3_000
"""Of one change, in a report: more than a school has students. The changes of an import that was done are all kept."""

HURTS = (PersonChange.LEFT, PersonChange.RENAMED, PersonChange.UNLINKED)
"""What is counted together: a person whom two of them happen to counts once."""


class Sort(enum.StrEnum):
    """Whom a change happens to."""

    STUDENTS = "student"
    GUARDIANS = "guardian"


@dataclass(frozen=True)
class Affected:
    """How many one change happens to, and the first `NAMES_KEPT` of them by name, each with what changed."""

    sort: Sort
    change: PersonChange
    count: int
    names: Sequence[str] = ()

    def as_json(self, *, with_names: bool = True) -> dict[str, Any]:
        """As the command line prints it and the back office stores it."""
        return {**asdict(self), "names": list(self.names) if with_names else []}


@dataclass(frozen=True)
class Known:
    """What the school base had before the import."""

    present: int
    addresses: int
    """Of e-mail, of those present."""
    hurt: int
    """How many of those present leave, change name or lose a link."""


@dataclass(frozen=True)
class Loss:
    """One thing that an import would lose, or one reason to doubt its files."""

    kind: str
    """`student_left`, `guardian_email`, `school_year`…"""
    sentence: str
    """With numbers and the share."""
    tick: str
    """What the confirmation names."""
    count: int = 0
    names: Sequence[str] = ()

    def as_json(self, *, with_names: bool = True) -> dict[str, Any]:
        """As the command line prints it and the back office stores it."""
        return {**asdict(self), "names": list(self.names) if with_names else []}

    @property
    def with_names(self) -> str:
        """The sentence, and the first names."""
        if not self.names:
            return f"{self.sentence}."
        more = self.count - len(self.names)
        others = f" et {number(more)} {agreed(more, 'autre')}" if more > 0 else ""
        return f"{self.sentence}\u00a0: {', '.join(self.names)}{others}."


def mark_of(losses: Sequence[Loss]) -> str:
    """What tells these losses from any others; a confirmation is good for those with its mark only."""
    written = json.dumps([loss.as_json() for loss in losses], sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def losses_of(known: Mapping[Sort, Known], affected: Sequence[Affected]) -> Iterator[Loss]:
    """What is lost of students, then of guardians; nothing where nobody was known."""
    for sort, before in known.items():
        of_sort = {one.change: one for one in affected if one.sort is sort}
        if _is_too_much(before.hurt, before.present):
            yield from (_loss(of_sort[change], before.present) for change in HURTS if change in of_sort)
        changed = of_sort.get(PersonChange.EMAIL)
        if changed is not None and _is_too_much(changed.count, before.addresses):
            yield _loss(changed, before.addresses)


def _is_too_much(count: int, among: int) -> bool:
    return count >= FEWEST and count * SHARE > among


_PERSONS = {Sort.STUDENTS: "élève", Sort.GUARDIANS: "responsable"}
_WORDS = {
    PersonChange.LEFT: ("n'est plus là", "ne sont plus là"),
    PersonChange.RENAMED: ("change de nom", "changent de nom"),
    PersonChange.UNLINKED: ("perd un lien", "perdent un lien"),
    PersonChange.EMAIL: ("change d'adresse e-mail ou la perd", "changent d'adresse e-mail ou la perdent"),
}
_WITH_WHOM = {Sort.STUDENTS: " avec un responsable", Sort.GUARDIANS: " avec un élève"}


def _loss(affected: Affected, among: int) -> Loss:
    noun, count = _PERSONS[affected.sort], affected.count
    verb = agreed(count, *_WORDS[affected.change])
    if affected.change is PersonChange.UNLINKED:
        verb += _WITH_WHOM[affected.sort]
    with_address = " qui en ont une" if affected.change is PersonChange.EMAIL else ""
    who = f"{number(count)} {agreed(count, noun)}"
    share = f"{_share(count, among)} des {number(among)} {noun}s connus{with_address}"
    return Loss(
        kind=f"{affected.sort}_{affected.change}",
        sentence=f"{who} {verb} ({share})",
        tick=f"{who} {verb}",
        count=count,
        names=tuple(affected.names[:NAMES_SHOWN]),
    )


def _share(count: int, among: int) -> str:
    return f"{count * 100 // among}\u00a0%"


@dataclass(frozen=True)
class Dated:
    """What a file says of when it is of."""

    label: str
    school_year: int | None
    """2026 for 2026-2027."""
    exported_on: date | None


def doubts_about(files: Sequence[Dated], year_known: int | None, today: date) -> Iterator[Loss]:
    """Files of two school years, of an earlier one than the school base, or exported on a day to come."""
    years: dict[int, list[str]] = {}
    for one in files:
        if one.school_year is not None:
            years.setdefault(one.school_year, []).append(one.label)
    if len(years) > 1:
        said = ", ".join(f"{enumerated(labels)} de {written_year(year)}" for year, labels in sorted(years.items()))
        yield Loss(
            "two_school_years", f"Les fichiers sont de deux années scolaires\u00a0: {said}", "deux années mêlées"
        )
    for year, labels in sorted(years.items()):
        if year_known is not None and year < year_known:
            earlier, known = written_year(year), written_year(year_known)
            sentence = (
                f"{enumerated(labels)} {agreed(len(labels), 'est', 'sont')} de l'année scolaire {earlier}, "
                f"ce qui est connu de l'établissement de {known}"
            )
            yield Loss("school_year", sentence, f"retour à l'année scolaire {earlier}")
    for one in files:
        if one.exported_on is not None and one.exported_on > today:
            sentence = f"{one.label} dit avoir été exporté le {one.exported_on:%d/%m/%Y}, un jour à venir"
            yield Loss("future_export", sentence, f"date d'export à venir ({one.exported_on:%d/%m/%Y})")


def written_year(year: int) -> str:
    """`2026-2027`."""
    return f"{year}-{year + 1}"


TERM_MONTHS = (9, 10, 11, 12)
"""Certainly of the year that begins; January to May, of the one that began before. In summer one cannot tell."""
SECOND_HALF = (1, 2, 3, 4, 5)


def school_year_of(written: str | None, exported_on: date | None) -> int | None:
    """The school year that a file says, else that of the day on which it was exported, where that is sure."""
    year = (written or "").strip()[:4]
    if len(year) == len("2026") and year.isascii() and year.isdigit():
        return int(year)
    if exported_on is None or exported_on.month not in TERM_MONTHS + SECOND_HALF:
        return None
    return exported_on.year if exported_on.month in TERM_MONTHS else exported_on.year - 1
