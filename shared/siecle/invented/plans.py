"""The invented schools themselves: their codes, names and divisions, and the errors of who asks for impossible ones."""

from dataclasses import dataclass
from math import ceil

from shared.establishments.codes.uai import has_form, uai_of
from shared.refusals import Refusal
from shared.siecle.invented.people.children import LEVELS
from shared.siecle.invented.people.dice import Dice
from shared.siecle.invented.people.keys import MAXIMUM_STUDENTS
from shared.siecle.invented.people.places import REUNION_TOWNS

FIRST_NUMBER = 9_749_001
"""Far above the numbers that schools of La Réunion have, so that no invented school is a real one."""
MAXIMUM_ESTABLISHMENTS = 900

_STUDENTS_PER_DIVISION = 26
_PATRONS = (
    "Célimène Gaudieux",
    "Auguste Lacaussade",
    "Edmond Albius",
    "Héva",
    "Simangavole",
    "Bory de Saint-Vincent",
    "Évariste de Parny",
    "Juliette Dodu",
    "Jean Albany",
    "Mahé de La Bourdonnais",
    "Sarda Garriga",
    "Ambroise Vollard",
)
_HEADS = (("MME", "RIVIÈRE Élisabeth"), ("M.", "TURPIN Jean-Noël"), ("MME", "AH-KANE Laëtitia"), ("M.", "VÉLOU André"))


class InventionRefused(Refusal, ValueError):
    """The schools asked for cannot be made; the message says why, in French."""


@dataclass(frozen=True, slots=True)
class School:
    """One school to be written; `index` is its place among those of one run, from 0."""

    index: int
    uai: str
    patron: str
    street: str
    postal_code: str
    city: str
    insee_code: str
    head_civility: str
    head_name: str
    divisions: dict[int, tuple[str, ...]]
    """Codes by level."""

    @property
    def name(self) -> str:
        """As written on its front."""
        return f"Collège {self.patron}"

    def division(self, level: int, seat: float) -> str:
        """The division of a student of `level`."""
        return self.divisions[level][int(seat * len(self.divisions[level]))]


def plan_schools(students: int, establishments: int, seed: int, uai: str | None) -> list[School]:
    """The schools of one run; the first has the code `uai` when it is given, the others the numbers that follow.

    Raises:
        InventionRefused: too few or too many students or schools, or a malformed code.
    """
    if not 1 <= students <= MAXIMUM_STUDENTS:
        raise InventionRefused(
            f"Nombre d'élèves refusé\u00a0: {students}. Demandez de 1 à {MAXIMUM_STUDENTS} élèves par établissement."
        )
    if not 1 <= establishments <= MAXIMUM_ESTABLISHMENTS:
        raise InventionRefused(
            f"Nombre d'établissements refusé\u00a0: {establishments}. Demandez-en de 1 à {MAXIMUM_ESTABLISHMENTS}."
        )
    if uai is not None and not has_form(uai):
        raise InventionRefused(
            f"UAI refusé\u00a0: «\u00a0{uai}\u00a0». "
            f"Un UAI a sept chiffres et une lettre majuscule, comme {uai_of(FIRST_NUMBER)}."
        )
    first = int(uai[:7]) if uai else FIRST_NUMBER
    codes = [uai_of((first + index) % 10_000_000) for index in range(establishments)]
    codes[0] = uai or codes[0]
    return [_school(index, code, students, Dice(seed, "school", index)) for index, code in enumerate(codes)]


def _school(index: int, uai: str, students: int, dice: Dice) -> School:
    postal_code, city, insee_code = REUNION_TOWNS[index % len(REUNION_TOWNS)]
    patron = _PATRONS[index % len(_PATRONS)]
    number = index // len(_PATRONS)
    civility, head = dice.pick(_HEADS)
    return School(
        index=index,
        uai=uai,
        patron=f"{patron} {number + 1}" if number else patron,
        street=f"{dice.between(1, 99)} RUE DU COLLEGE",
        postal_code=postal_code,
        city=city,
        insee_code=insee_code,
        head_civility=civility,
        head_name=head,
        divisions=_divisions(index, students),
    )


def _divisions(index: int, students: int) -> dict[int, tuple[str, ...]]:
    """Schools name their divisions `6A`, `601` or `6 A`, each in its way; letters end at 26."""
    count = max(1, ceil(students / len(LEVELS) / _STUDENTS_PER_DIVISION))
    style = "601" if count > 26 else ("6A", "601", "6 A")[index % 3]
    return {level: tuple(_code(style, level, rank) for rank in range(count)) for level in LEVELS}


def _code(style: str, level: int, rank: int) -> str:
    if style == "601":
        return f"{level}{rank + 1:02d}"
    return f"{level}{' ' if style == '6 A' else ''}{chr(ord('A') + rank)}"
