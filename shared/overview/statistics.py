"""Counts of an establishment, for « Statistiques » (R26): one statement each, whatever the number of rows."""

import itertools
from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.accounts.populations import Population, present_accounts
from shared.establishments.codes.levels import BY_SIGN, Level
from shared.models.accounts import Account, AccountKind, AccountState
from shared.models.notifications import Campaign, Channel, DeliveryState, Notification
from shared.models.school import Division, Guardian, Guardianship, Student
from shared.notifications.channels.registry import DELIVERED
from shared.notifications.criteria import of_school

ByState = dict[AccountState, int]
Group = TypeVar("Group", str, int | None)
_ACCOUNTS = func.count(distinct(Account.id))


def accounts_by_division(
    session: Session, establishment_id: int, population: Population, today: date
) -> dict[str, ByState]:
    """The accounts of each division, by its code, in each state; `""` for present students without a division.

    An account counts once in each division in which it has a present student.
    """
    accounts = present_accounts(population, establishment_id, today, _ACCOUNTS)
    accounts = accounts.outerjoin(Division, Division.id == Student.division_id)
    code = func.coalesce(Division.code, "")
    return _counted(session, accounts.add_columns(code, Account.state).group_by(code, Account.state).order_by(code))


def accounts_by_level(
    session: Session, establishment_id: int, population: Population, today: date
) -> dict[Level, ByState]:
    """The accounts of each level, in the order of levels; an account counts once in each in which it has a child."""
    accounts = present_accounts(population, establishment_id, today, _ACCOUNTS)
    accounts = accounts.outerjoin(Division, Division.id == Student.division_id)
    sign = func.upper(func.substr(func.trim(func.coalesce(Division.code, "")), 1, 1))
    level = case(*((sign == first, found.value) for first, found in BY_SIGN.items()), else_=Level.OTHER.value)
    counts = _counted(session, accounts.add_columns(level, Account.state).group_by(level, Account.state))
    return {one: counts[one.value] for one in Level if one.value in counts}


def accounts_by_rank(
    session: Session, establishment_id: int, population: Population, today: date
) -> dict[int | None, ByState]:
    """The accounts of Légal 1 and of Légal 2 in each state; one that is both, for two children, counts in both."""
    if population.fiche is not Guardian:
        return {}
    rank = Guardianship.legal_rank
    accounts = present_accounts(population, establishment_id, today, _ACCOUNTS)
    return _counted(session, accounts.add_columns(rank, Account.state).group_by(rank, Account.state).order_by(rank))


def accounts_over_time(
    session: Session,
    establishment_id: int,
    population: Population,
    step: InstrumentedAttribute[datetime | None],
    limits: Sequence[datetime],
) -> list[int]:
    """How many accounts took a step (`Account.activated_at`…) between each instant of `limits` and the next."""
    fiche = population.fiche
    own = select(fiche.account_id).where(fiche.establishment_id == establishment_id)
    counts = [func.count(case((_between(step, *period), Account.id))) for period in _periods(limits)]
    return list(session.execute(select(*counts).where(Account.id.in_(own))).one())


def notifications_by_channel(
    session: Session, establishment_id: int, kind: AccountKind
) -> dict[Channel, dict[DeliveryState, int]]:
    """The mails and the letters to accounts of one kind, by what became of them."""
    columns = Notification.channel, Notification.delivery
    rows = session.execute(
        _notifications(establishment_id, kind).add_columns(*columns, func.count()).group_by(*columns)
    )
    counts: dict[Channel, dict[DeliveryState, int]] = {}
    for channel, delivery, number in rows:
        counts.setdefault(channel, {})[delivery] = number
    return counts


def notified_over_time(
    session: Session, establishment_id: int, kind: AccountKind, limits: Sequence[datetime]
) -> dict[Channel, list[int]]:
    """How many mails left and letters were printed between each instant of `limits` and the next."""
    settled = Notification.settled_at
    counts = [func.count(case((_between(settled, *period), Notification.id))) for period in _periods(limits)]
    notifications = _notifications(establishment_id, kind).where(
        Notification.delivery.in_(DELIVERED), settled >= limits[0]
    )
    rows = session.execute(notifications.add_columns(Notification.channel, *counts).group_by(Notification.channel))
    return {channel: list(numbers) for channel, *numbers in rows}


def _counted(session: Session, counted: Select[int, Group, AccountState]) -> dict[Group, ByState]:
    groups: dict[Group, ByState] = {}
    for number, group, state in session.execute(counted):
        groups.setdefault(group, {})[state] = number
    return groups


def _notifications(establishment_id: int, kind: AccountKind) -> Select[()]:
    notifications = select().select_from(Notification).join(Campaign, Campaign.id == Notification.campaign_id)
    return notifications.where(Notification.establishment_id == establishment_id, *of_school(establishment_id, kind))


def _periods(limits: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
    return list(itertools.pairwise(limits))


def _between(instant: InstrumentedAttribute[datetime | None], start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(instant >= start, instant < end)
