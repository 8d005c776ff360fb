"""How many accounts each division would notify, and which division comes next (R16)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from shared.establishments.codes.levels import Level, level_of
from shared.establishments.divisions import division_codes
from shared.notifications.campaigns.selection import Criteria, candidates_by_division


@dataclass(frozen=True)
class DivisionCount:
    """A division, and how many accounts the criteria select in it alone."""

    code: str
    number: int


def count_by_division(
    session: Session, establishment_id: int, criteria: Criteria, today: date
) -> Sequence[DivisionCount]:
    """Every division of the establishment by its code, with the number that choosing it alone would select.

    An account counts in each division in which it has a child: the numbers may add up to more than all together. Two
    queries.
    """
    rows = candidates_by_division(establishment_id, replace(criteria, divisions=frozenset()), today).subquery()
    counted = select(rows.c.division, func.count(rows.c.account_id.distinct())).group_by(rows.c.division)
    numbers: dict[str, int] = dict(session.execute(counted).all())
    return [DivisionCount(code, numbers.get(code, 0)) for code in division_codes(session, establishment_id)]


@dataclass(frozen=True)
class LevelCount:
    """A level, its divisions, and how many accounts the criteria select in all of them: each account once."""

    level: Level
    number: int
    divisions: Sequence[DivisionCount]


def count_by_level(session: Session, establishment_id: int, criteria: Criteria, today: date) -> Sequence[LevelCount]:
    """The divisions by level, in the order of levels; levels without a division are left out. Three queries."""
    divisions = count_by_division(session, establishment_id, criteria, today)
    rows = candidates_by_division(establishment_id, replace(criteria, divisions=frozenset()), today).subquery()
    codes = {level: [one.code for one in divisions if level_of(one.code) is level] for level in Level}
    level = case(*((rows.c.division.in_(found), name.value) for name, found in codes.items() if found), else_="")
    counted = select(level, func.count(rows.c.account_id.distinct())).group_by(level)
    numbers: dict[str, int] = dict(session.execute(counted).all()) if divisions else {}
    return [
        LevelCount(name, numbers.get(name.value, 0), [one for one in divisions if one.code in found])
        for name, found in codes.items()
        if found
    ]


def next_division(session: Session, establishment_id: int, criteria: Criteria, today: date) -> DivisionCount | None:
    """After a notification of divisions: the next one, by its code, in which the same criteria select somebody.

    After the last comes the first; none when nobody is left in another division.
    """
    if not criteria.divisions:
        return None
    others = [one for one in count_by_division(session, establishment_id, criteria, today) if one.number]
    last = max(criteria.divisions)
    later = [one for one in others if one.code > last]
    before = [one for one in others if one.code < last and one.code not in criteria.divisions]
    return next(iter([*later, *before]), None)
