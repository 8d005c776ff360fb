"""How many accounts each division would notify, and which division comes next (R16)."""

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from sqlalchemy import and_, bindparam, func, literal, select, union_all
from sqlalchemy.orm import Session

from shared.accounts.directory.holds import held_account_ids
from shared.establishments.codes.levels import Level, level_of
from shared.establishments.divisions import division_codes, level_in_database
from shared.models.accounts import Account
from shared.models.school import Division
from shared.notifications.campaigns.selection import CRITERIA_KEPT, NO_DIVISION, Criteria, candidates
from shared.rows.prepared import ESTABLISHMENT_ID, TODAY, Prepared


@dataclass(frozen=True)
class DivisionCount:
    """A division, and how many accounts the criteria select in it alone."""

    code: str
    number: int


@dataclass(frozen=True)
class LevelCount:
    """A level, its divisions, and how many accounts the criteria select in all of them: each account once."""

    level: Level
    number: int
    divisions: Sequence[DivisionCount]


@dataclass(frozen=True)
class SelectionCounts:
    """How many accounts the criteria select: all together, and in each level and division."""

    total: int
    held: int
    """Of which so many are held back: listed, and skipped with the reason."""
    levels: Sequence[LevelCount]
    """In the order of levels; those without a division are left out."""

    @property
    def divisions(self) -> Iterator[DivisionCount]:
        """Every division, by level."""
        return (division for level in self.levels for division in level.divisions)


class _By(enum.Enum):
    """What the accounts of one row of the counts have in common."""

    DIVISION = "division"
    LEVEL = "level"
    ALL = "all"
    """That they are selected."""
    HELD = "held"
    """That they are, and are held back."""


def count_selection(session: Session, establishment_id: int, criteria: Criteria, today: date) -> SelectionCounts:
    """How many accounts `criteria` selects, and how many any division or level would select in place of theirs.

    An account counts in each division and each level in which it has a child: the numbers may add up to more than all
    together. Two queries.
    """
    codes = division_codes(session, establishment_id)
    counting = _counting(replace(criteria, divisions=frozenset()), are_chosen=bool(criteria.divisions))
    counted = counting.rows(
        session, establishment_id=establishment_id, today=today, divisions=sorted(criteria.divisions)
    )
    numbers: dict[tuple[_By, str], int] = {(_By(by), group): number for by, group, number in counted}
    divisions = [DivisionCount(code, numbers.get((_By.DIVISION, code), 0)) for code in codes]
    levels = {level: [one for one in divisions if level_of(one.code) is level] for level in Level}
    return SelectionCounts(
        numbers.get((_By.ALL, NO_DIVISION), 0),
        numbers.get((_By.HELD, NO_DIVISION), 0),
        [LevelCount(level, numbers.get((_By.LEVEL, level), 0), found) for level, found in levels.items() if found],
    )


@lru_cache(CRITERIA_KEPT)
def _counting(everywhere: Criteria, *, are_chosen: bool) -> Prepared:
    account_id = Account.id.label("account_id")
    found = candidates(ESTABLISHMENT_ID, everywhere, TODAY, Division.id.label("division_id"), account_id).cte("found")
    number = func.count(found.c.account_id.distinct())
    held = found.c.account_id.in_(held_account_ids([ESTABLISHMENT_ID], TODAY))
    codes = Division.code.in_(bindparam("divisions", expanding=True))
    wanted = select(Division.id).where(Division.establishment_id == ESTABLISHMENT_ID, codes)
    chosen = (found.c.division_id.in_(wanted),) if are_chosen else ()
    by_id = select(found.c.division_id, number.label("number")).group_by(found.c.division_id).subquery()
    can_be_chosen = and_(Division.id == found.c.division_id, Division.gone_at.is_(None))
    level = level_in_database(Division.code)
    return Prepared(
        union_all(
            select(literal(_By.DIVISION.value), Division.code, by_id.c.number).join_from(
                by_id, Division, Division.id == by_id.c.division_id
            ),
            select(literal(_By.LEVEL.value), level, number).join_from(found, Division, can_be_chosen).group_by(level),
            select(literal(_By.ALL.value), literal(NO_DIVISION), number).where(*chosen),
            select(literal(_By.HELD.value), literal(NO_DIVISION), number).where(*chosen, held),
        )
    )


def next_division(session: Session, establishment_id: int, criteria: Criteria, today: date) -> DivisionCount | None:
    """After a notification of divisions: the next one, by its code, in which the same criteria select somebody.

    After the last comes the first; none when nobody is left in another division.
    """
    if not criteria.divisions:
        return None
    counts = count_selection(session, establishment_id, criteria, today)
    others = sorted((one for one in counts.divisions if one.number), key=lambda one: one.code)
    last = max(criteria.divisions)
    later = [one for one in others if one.code > last]
    before = [one for one in others if one.code < last and one.code not in criteria.divisions]
    return next(iter([*later, *before]), None)
