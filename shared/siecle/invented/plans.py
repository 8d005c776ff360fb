"""The invented schools themselves: their codes, names and divisions, and the errors of who asks for impossible ones."""

from dataclasses import dataclass
from math import ceil
from typing import get_args

from shared.establishments.codes.uai import has_form, uai_of
from shared.refusals import Refusal
from shared.siecle.invented.invention import Dialect, Invention
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


def plan_schools(asked: Invention) -> list[School]:
    """The schools of one run.

    Raises:
        InventionRefused: a number out of bounds, a malformed UAI, or an unknown dialect.
    """
    _require_possible(asked)
    first = int(asked.uai[:7]) if asked.uai else FIRST_NUMBER
    codes = [uai_of((first + index) % 10_000_000) for index in range(asked.establishments)]
    codes[0] = asked.uai or codes[0]
    return [_school(index, code, asked.students, Dice(asked.seed, "school", index)) for index, code in enumerate(codes)]


def _require_possible(asked: Invention) -> None:
    if not 1 <= asked.students <= MAXIMUM_STUDENTS:
        raise InventionRefused(
            f"Nombre d'élèves refusé\u00a0: {asked.students}. "
            f"Demandez de 1 à {MAXIMUM_STUDENTS} élèves par établissement."
        )
    if not 1 <= asked.establishments <= MAXIMUM_ESTABLISHMENTS:
        raise InventionRefused(
            f"Nombre d'établissements refusé\u00a0: {asked.establishments}. "
            f"Demandez-en de 1 à {MAXIMUM_ESTABLISHMENTS}."
        )
    if not 0 <= asked.duplicates <= 1:
        raise InventionRefused(
            f"Part de doublons refusée\u00a0: {asked.duplicates}. Donnez un nombre de 0 à 1, comme 0.1."
        )
    if asked.dialect not in get_args(Dialect):
        raise InventionRefused(f"Dialecte refusé\u00a0: {asked.dialect}. Donnez 2017 ou 2019.")
    if asked.uai is not None and not has_form(asked.uai):
        raise InventionRefused(
            f"UAI refusé\u00a0: «\u00a0{asked.uai}\u00a0». "
            f"Un UAI a sept chiffres et une lettre majuscule, comme {uai_of(FIRST_NUMBER)}."
        )


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
