"""Draws the children of one household: names, ages, grants, and who has already left."""

from dataclasses import dataclass
from datetime import date, timedelta

from shared.siecle.invented.people import names
from shared.siecle.invented.people.contacts import draw_email, draw_mobile
from shared.siecle.invented.people.dice import Dice
from shared.siecle.invented.people.keys import HouseholdKey
from shared.siecle.invented.people.places import Address
from shared.siecle.invented.people.records import SCHOOL_YEAR, TERM_START, Child
from shared.siecle.invented.people.spelling import in_capitals, with_lost_character

LEVELS = (6, 5, 4, 3)
AGE_AT_LEVEL_6 = 11
BOY, GIRL = "1", "2"
SCHOLARSHIPS = {
    "BC1": "BOURSE DE COLLEGE ECHELON 1",
    "BC2": "BOURSE DE COLLEGE ECHELON 2",
    "BC3": "BOURSE DE COLLEGE ECHELON 3",
}
GROUPS = {
    6: {"6NAT": "NATATION 6EME", "6CRE": "LANGUE VIVANTE REGIONALE 6EME"},
    5: {"5LAT": "LATIN 5EME", "5BIL": "BILANGUE 5EME"},
    4: {"4LAT": "LATIN 4EME", "4ESP": "ESPAGNOL 4EME"},
    3: {"3LAT": "LATIN 3EME", "3ALL": "ALLEMAND 3EME", "3DP": "DECOUVERTE PROFESSIONNELLE 3EME"},
}

_TWINS_SHARE = 0.06
_SCHOLARSHIP_SHARE = 0.35
_GROUP_SHARE = 0.25
_LEFT_SHARE = 0.025
_NO_INE_SHARE = 0.015
_TWO_NAMES_SHARE = 0.06
_REPEATS_SHARE = 0.02
_FIRST_CHILD = 4


def draw_departure(dice: Dice) -> date:
    """A day of the first weeks of the school year, before the export."""
    return TERM_START + timedelta(days=dice.between(7, 42))


@dataclass(frozen=True, slots=True)
class _Shared:
    """What brothers and sisters have in common."""

    key: HouseholdKey
    family_name: str
    home: Address
    grant: str | None
    left_on: date | None


def draw_children(
    key: HouseholdKey, dice: Dice, size: int, family_name: str, mother_name: str, home: Address
) -> tuple[Child, ...]:
    """`size` brothers and sisters in different levels, unless they are twins; all leave, or hold a grant, together."""
    last_name = family_name
    if mother_name != family_name and "-" not in family_name + mother_name and dice.chance(_TWO_NAMES_SHARE):
        last_name = f"{family_name}-{mother_name}"
    shared = _Shared(
        key,
        family_name=in_capitals(dice, last_name),
        home=home,
        grant=dice.pick(tuple(SCHOLARSHIPS)) if dice.chance(_SCHOLARSHIP_SHARE) else None,
        left_on=draw_departure(dice) if dice.chance(_LEFT_SHARE) else None,
    )
    children: list[Child] = []
    for rank, (level, born) in enumerate(_ages(dice, size)):
        taken = {child.first_names[0] for child in children}
        children.append(_child(shared, dice, rank, level, born, taken))
    return tuple(children)


def _ages(dice: Dice, size: int) -> list[tuple[int, date]]:
    levels = list(LEVELS)
    ages: list[tuple[int, date]] = []
    for _ in range(size):
        if ages and dice.chance(_TWINS_SHARE):
            ages.append(ages[-1])
        else:
            level = levels.pop(dice.between(0, len(levels) - 1))
            ages.append((level, _birth_date(dice, level)))
    return ages


def _birth_date(dice: Dice, level: int) -> date:
    year = SCHOOL_YEAR - AGE_AT_LEVEL_6 - (6 - level)
    return date(year, 1, 1) + timedelta(days=dice.between(0, 364))


def _child(shared: _Shared, dice: Dice, rank: int, level: int, born: date, taken: set[str]) -> Child:
    sex = dice.pick((BOY, GIRL))
    first_names = _first_names(dice, sex, taken)
    serial = shared.key.serial(rank + _FIRST_CHILD)
    repeats = dice.chance(_REPEATS_SHARE)
    return Child(
        ine=None if dice.chance(_NO_INE_SHARE) else shared.key.ine(rank),
        family_name=shared.family_name,
        usage_name=None,
        first_names=first_names,
        birth_date=born - timedelta(days=365) if repeats else born,
        sex=sex,
        level=level,
        seat=dice.roll(),
        repeats=repeats,
        scholarship=shared.grant,
        email=draw_email(dice, first_names[0], shared.family_name, serial) if dice.chance(0.1) else None,
        mobile_phone=draw_mobile(dice, serial) if dice.chance(0.2) else None,
        address=shared.home,
        groups=(dice.pick(tuple(GROUPS[level])),) if dice.chance(_GROUP_SHARE) else (),
        left_on=shared.left_on,
    )


def _first_names(dice: Dice, sex: str, taken: set[str]) -> tuple[str, ...]:
    """One to three first names; the first is not that of a brother or sister."""
    words = names.BOYS if sex == BOY else names.GIRLS
    first = dice.pick_common(words)
    while first in taken:
        first = dice.pick(words)
    if dice.chance(0.004):
        first = with_lost_character(first)
    others = (dice.pick(words) for _ in range(dice.between(0, 2)))
    return (first, *(other for other in others if other != first))
