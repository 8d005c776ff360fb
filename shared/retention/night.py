"""What is erased each night, and what is said to come (R33)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.config import Settings
from shared.database import Database
from shared.models.accounts import Account, AccountErasure, AccountState, ErasureReason
from shared.models.school import Establishment, Guardian, Student
from shared.retention.accounts import announce, erase_due, forget_what_is_over_no_more, over, unused
from shared.retention.fiches import erase_guardians, erase_students, guardians_over, students_over
from shared.retention.periods import NOTICE, Periods, periods
from shared.rows.holding import require_nothing_held

Step = Callable[[Session, Periods, datetime], int]


@dataclass(frozen=True)
class SchoolFiches:
    """How many fiches of one school are over, today and within a month."""

    uai: str
    students: int
    guardians: int
    students_soon: int
    guardians_soon: int


@dataclass(frozen=True)
class ComingErasure:
    """An account that will be erased; none knows it by more than its identifier."""

    identifier: str
    reason: ErasureReason
    due_on: date
    is_announced: bool


@dataclass(frozen=True)
class WhatComes:
    """All that would be erased tonight or is announced for later."""

    fiches: list[SchoolFiches]
    accounts: list[ComingErasure]


def keep_no_longer(database: Database, settings: Settings, now: datetime, today: date) -> dict[str, int]:
    """Erase what is over, announce what comes; how many of each.

    An edge: it opens its own transactions, so that nobody waits for all of it. Doing it twice changes nothing more.

    Raises:
        WorkHeld: a restoration waits to be released: the base may not know yet who came in since the copy.
    """
    with database.reading() as session:
        require_nothing_held(session)
    given = periods(settings, today)
    with database.writing() as session:
        forget_what_is_over_no_more(session, given)
    # Guardians first: the links to their students tell of whom they were.
    steps: dict[str, Step] = {
        "accounts": erase_due,
        "guardians": erase_guardians,
        "students": erase_students,
        "announced": announce,
    }
    return {name: _until_none_is_left(database, step, given, now) for name, step in steps.items()}


def _until_none_is_left(database: Database, step: Step, given: Periods, now: datetime) -> int:
    done, more = 0, True
    while more:
        with database.writing() as session:
            more = (some := step(session, given, now)) > 0
        done += some
    return done


def what_comes(session: Session, settings: Settings, today: date) -> WhatComes:
    """What would be erased tonight and within a month, and the accounts announced or about to be. Changes nothing."""
    given, later = periods(settings, today), periods(settings, today + NOTICE)
    counts: dict[str, dict[str, int]] = {}
    for name, fiche, is_over in (
        ("students", Student, students_over(given)),
        ("guardians", Guardian, guardians_over(given)),
        ("students_soon", Student, students_over(later)),
        ("guardians_soon", Guardian, guardians_over(later)),
    ):
        counted = (
            select(Establishment.uai, func.count())
            .join(fiche, fiche.establishment_id == Establishment.id)
            .where(is_over)
            .group_by(Establishment.uai)
        )
        for uai, number in session.execute(counted):
            counts.setdefault(uai, {})[name] = number
    empty = dict.fromkeys(("students", "guardians", "students_soon", "guardians_soon"), 0)
    fiches = [SchoolFiches(uai, **{**empty, **counts[uai]}) for uai in sorted(counts)]
    return WhatComes(fiches, _accounts(session, given, today))


def _accounts(session: Session, given: Periods, today: date) -> list[ComingErasure]:
    rows = session.execute(
        select(Account.identifier, AccountErasure.reason, AccountErasure.due_on, unused(given).label("unused"))
        .outerjoin(AccountErasure, AccountErasure.account_id == Account.id)
        .where(over(given), Account.state != AccountState.MERGED)
        .order_by(AccountErasure.due_on, Account.identifier)
    )
    found = []
    for one in rows:
        reason = one.reason or (ErasureReason.UNUSED if one.unused else ErasureReason.WITHOUT_FICHE)
        found.append(ComingErasure(one.identifier, reason, one.due_on or today + NOTICE, one.due_on is not None))
    return sorted(found, key=lambda one: (one.due_on, one.identifier))
