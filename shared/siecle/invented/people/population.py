"""Who is in which school: the households that stay, those that leave for the next school, those that come."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from shared.siecle.invented.invention import Invention
from shared.siecle.invented.people.children import draw_departure
from shared.siecle.invented.people.dice import Dice
from shared.siecle.invented.people.doubles import enter_twice
from shared.siecle.invented.people.households import draw_household
from shared.siecle.invented.people.keys import FIRST_MOVER, HouseholdKey
from shared.siecle.invented.people.places import draw_home
from shared.siecle.invented.people.records import Household

_MOVERS_PER_STUDENT = 0.02
_FEWEST_FOR_TRANSFERS = 4


def households(asked: Invention, schools: list[str], index: int) -> Iterator[Household]:
    """Every household of the school number `index` among the codes `schools`.

    Some children leave for the next school during the year, and some come from the one before: they are in both,
    with the same INE and the same parents.
    """
    moving = _moving(asked.students, len(schools))
    coming = moving if index > 0 else 0
    leaving = moving if index + 1 < len(schools) else 0
    for key, household in _drawn(asked.seed, index - 1, FIRST_MOVER, coming):
        yield _entered(asked, _arrived(key, household, schools[index - 1]), key.dice("entered twice there"))
    for key, household in _drawn(asked.seed, index, FIRST_MOVER, leaving):
        yield _entered(asked, _departed(key, household), key.dice("entered twice"))
    for key, household in _drawn(asked.seed, index, 0, asked.students - coming - leaving):
        yield _entered(asked, household, key.dice("entered twice"))


def _entered(asked: Invention, household: Household, dice: Dice) -> Household:
    return enter_twice(household, asked.duplicates, dice, careless=asked.careless)


def _moving(students: int, establishments: int) -> int:
    if establishments == 1 or students < _FEWEST_FOR_TRANSFERS:
        return 0
    return max(1, round(students * _MOVERS_PER_STUDENT))


def _drawn(seed: int, school: int, first: int, children: int) -> Iterator[tuple[HouseholdKey, Household]]:
    """Households until there are `children` children; the last one is cut to fit."""
    number = first
    while children > 0:
        key = HouseholdKey(seed, school, number)
        household = _with_at_most(draw_household(key), children)
        children -= len(household.children)
        number += 1
        yield key, household


def _with_at_most(household: Household, children: int) -> Household:
    if len(household.children) <= children:
        return household
    fiches = (
        replace(fiche, links=tuple(link for link in fiche.links if link.child < children)) for fiche in household.fiches
    )
    return Household(household.children[:children], tuple(fiches))


def _departed(key: HouseholdKey, household: Household) -> Household:
    left_on = draw_departure(key.dice("moving"))
    return replace(household, children=tuple(replace(child, left_on=left_on) for child in household.children))


def _arrived(key: HouseholdKey, household: Household, came_from: str) -> Household:
    """The same people at their new address, three days later."""
    dice = key.dice("moving")
    entered_on = draw_departure(dice) + timedelta(days=3)
    old, new = household.children[0].address, draw_home(dice)
    children = (
        replace(child, address=new, entered_on=entered_on, left_on=None, came_from=came_from, groups=())
        for child in household.children
    )
    fiches = (replace(fiche, address=new if fiche.address == old else fiche.address) for fiche in household.fiches)
    return Household(tuple(children), tuple(fiches))
