"""Counts of an establishment, for « Statistiques » (R26): one statement each, whatever the number of rows."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.accounts.populations import Population, present_accounts
from shared.database import UtcDateTime
from shared.establishments.codes.levels import Level
from shared.establishments.divisions import level_in_database
from shared.models.accounts import Account, AccountKind, AccountState
from shared.models.notifications import Campaign, Channel, DeliveryState, Notification
from shared.models.school import Division, Guardian, Guardianship, Student
from shared.notifications.channels.registry import DELIVERED
from shared.notifications.criteria import of_school
from shared.rows.prepared import ESTABLISHMENT_ID, TODAY, Prepared

ByState = dict[AccountState, int]
Step = InstrumentedAttribute[datetime | None]
"""When an account did something: `Account.activated_at`…"""
_NO_DIVISION = ""
_EVERYBODY = ""


@dataclass(frozen=True)
class GroupedAccounts:
    """The accounts that count in an establishment, in each state, group by group.

    An account counts once in each group in which it has a present student.
    """

    everybody: ByState
    """Each account once."""
    by_level: dict[Level, ByState]
    """In the order of levels."""
    by_division: dict[str, ByState]
    """By code, in its order; `""` for present students without a division."""
    by_rank: dict[int, ByState]
    """Of guardians, Légal 1 then Légal 2; one that is both, for two children, counts in both."""


class _By(enum.Enum):
    """What the accounts of one row of the counts have in common."""

    STATE = "state"
    LEVEL = "level"
    DIVISION = "division"
    RANK = "rank"


def group_accounts(session: Session, establishment_id: int, population: Population, today: date) -> GroupedAccounts:
    """Count them by level, by division and by legal rank: one reading of the school."""
    found: dict[_By, dict[str, ByState]] = {by: {} for by in _By}
    counted = _by_group(population).rows(session, establishment_id=establishment_id, today=today)
    for by, group, state, number in counted:
        found[_By(by)].setdefault(group, {})[state] = number
    levels = found[_By.LEVEL]
    return GroupedAccounts(
        found[_By.STATE].get(_EVERYBODY, {}),
        {level: levels[level] for level in Level if level in levels},
        dict(sorted(found[_By.DIVISION].items())),
        {int(rank): of for rank, of in sorted(found[_By.RANK].items())},
    )


@cache
def _by_group(population: Population) -> Prepared:
    columns: list[Any] = [Account.id, Account.state, Student.division_id]
    if population.fiche is Guardian:
        columns.append(Guardianship.legal_rank)
    of = present_accounts(population, ESTABLISHMENT_ID, TODAY, *columns).cte("present")
    state, number = of.c.state, func.count(of.c.id.distinct()).label("number")
    counts: list[Select[Any]] = [select(literal(_By.STATE.value), literal(_EVERYBODY), state, number).group_by(state)]
    level = level_in_database(Division.code)
    counts.append(
        select(literal(_By.LEVEL.value), level, state, number)
        .outerjoin_from(of, Division, Division.id == of.c.division_id)
        .group_by(level, state)
    )
    by_id = select(of.c.division_id, state, number).group_by(of.c.division_id, state).subquery()
    code = func.coalesce(Division.code, _NO_DIVISION)
    counts.append(
        select(literal(_By.DIVISION.value), code, by_id.c.state, by_id.c.number).outerjoin_from(
            by_id, Division, Division.id == by_id.c.division_id
        )
    )
    if population.fiche is Guardian:
        rank = of.c.legal_rank
        counts.append(select(literal(_By.RANK.value), cast(rank, String), state, number).group_by(rank, state))
    return Prepared(union_all(*counts))


def accounts_over_time(
    session: Session, establishment_id: int, population: Population, steps: Sequence[Step], limits: Sequence[datetime]
) -> list[list[int]]:
    """For each of `steps`, how many accounts took it between each instant of `limits` and the next."""
    taken = [[0] * (len(limits) - 1) for _ in steps]
    counting = _steps_taken(population, tuple(steps), len(limits))
    for *periods, number in counting.rows(session, establishment_id=establishment_id, **_told(limits)):
        for counts, period in zip(taken, periods, strict=True):
            if period is not None:
                counts[period] += number
    return taken


@cache
def _steps_taken(population: Population, steps: tuple[Step, ...], limits: int) -> Prepared:
    fiche = population.fiche
    own = select(fiche.account_id).where(fiche.establishment_id == ESTABLISHMENT_ID)
    periods = [_period(step, limits) for step in steps]
    counted = select(*periods, func.count()).select_from(Account).where(Account.id.in_(own))
    return Prepared(counted.where(or_(*(step >= _limit(0) for step in steps))).group_by(*periods))


def notifications_by_channel(
    session: Session, establishment_id: int, kind: AccountKind
) -> dict[Channel, dict[DeliveryState, int]]:
    """The mails and the letters to accounts of one kind, by what became of them."""
    counts: dict[Channel, dict[DeliveryState, int]] = {}
    for channel, delivery, number in _deliveries(kind).rows(session, establishment_id=establishment_id):
        counts.setdefault(channel, {})[delivery] = number
    return counts


@cache
def _deliveries(kind: AccountKind) -> Prepared:
    columns = Notification.channel, Notification.delivery
    return Prepared(_notifications(kind).add_columns(*columns, func.count()).group_by(*columns))


def notified_over_time(
    session: Session, establishment_id: int, kind: AccountKind, limits: Sequence[datetime]
) -> dict[Channel, list[int]]:
    """How many mails left and letters were printed between each instant of `limits` and the next."""
    counts: dict[Channel, list[int]] = {}
    counting = _settled(kind, len(limits))
    for channel, period, number in counting.rows(session, establishment_id=establishment_id, **_told(limits)):
        counts.setdefault(channel, [0] * (len(limits) - 1))[period] = number
    return counts


@cache
def _settled(kind: AccountKind, limits: int) -> Prepared:
    settled = Notification.settled_at
    period = _period(settled, limits)
    within = settled >= _limit(0), settled < _limit(limits - 1)
    notifications = _notifications(kind).where(Notification.delivery.in_(DELIVERED), *within)
    counted = notifications.add_columns(Notification.channel, period, func.count())
    return Prepared(counted.group_by(Notification.channel, period))


def _notifications(kind: AccountKind) -> Select[()]:
    notifications = select().select_from(Notification).join(Campaign, Campaign.id == Notification.campaign_id)
    return notifications.where(Notification.establishment_id == ESTABLISHMENT_ID, *of_school(ESTABLISHMENT_ID, kind))


def _period(instant: Step, limits: int) -> ColumnElement[int | None]:
    """Between which two of that many limits an instant is, the first being 0; none before them all, or after."""
    return case((instant < _limit(0), None), *((instant < _limit(n), n - 1) for n in range(1, limits)))


def _limit(number: int) -> BindParameter[datetime]:
    return bindparam(f"limit_{number}", type_=UtcDateTime())


def _told(limits: Sequence[datetime]) -> dict[str, datetime]:
    return {f"limit_{number}": limit for number, limit in enumerate(limits)}
