"""What makes each invented household the same one wherever and whenever it is drawn."""

from dataclasses import dataclass

from shared.siecle.invented.people.dice import Dice, scatter

MAXIMUM_STUDENTS = 150_000
FIRST_MOVER = 120_000
"""Households from this number on leave their school for the next one; an ordinary school has fewer than that."""

_PEOPLE = 8
_CHILDREN = 4
_SCHOOL_SPAN = 1_000_000
_INE_LETTERS = "ABCDEFGHJK"


@dataclass(frozen=True, slots=True)
class HouseholdKey:
    """The place of a household among all those of one seed; `school` is where it lives when the year begins."""

    seed: int
    school: int
    number: int

    def dice(self, purpose: str) -> Dice:
        """Chance of this household's own."""
        return Dice(self.seed, purpose, self.school, self.number)

    def person(self, rank: int) -> str:
        """The name of the household's adult number `rank` in the truth files, unlike any other."""
        return f"{self.school + 1:03d}-{self.number:06d}-{rank + 1}"

    def serial(self, rank: int) -> int:
        """A number of the adult's own, for telephones and e-mail addresses; shifted from school to school."""
        return self.number * _PEOPLE + rank + 12_347 * self.school

    @property
    def home_serial(self) -> int:
        """The number of the household's own telephone."""
        return self.serial(_PEOPLE - 1)

    def ine(self, child: int) -> str:
        """The national number of a child: nine digits and two letters, unlike any other of the same seed."""
        serial = self.school * _SCHOOL_SPAN + self.number * _CHILDREN + child + self.seed * 7_777_777
        digits = f"{scatter(serial, 9):09d}"
        return f"{digits}{_INE_LETTERS[int(digits[-1])]}{_INE_LETTERS[int(digits[-2])]}"
