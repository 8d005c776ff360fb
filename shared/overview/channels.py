"""What each channel did: whom it reached, who activated the account after it, how soon, at what cost (R26, R36)."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, Subquery, func, select
from sqlalchemy.orm import Session

from shared.models.accounts import Account, AccountKind
from shared.models.notifications import Campaign, Channel, Notification
from shared.notifications.channels.registry import DELIVERED
from shared.notifications.criteria import of_school
from shared.notifications.sms.costs import costs_by_channel
from shared.rows.durations import days_between
from shared.rows.prepared import ESTABLISHMENT_ID, Prepared


@dataclass(frozen=True)
class ChannelResult:
    """One channel, over all the notifications of a school about accounts of one kind."""

    reached: int
    """Accounts that it was handed over or printed for, each once."""
    activated: int = 0
    """Accounts whose last notification before they were activated went by it."""
    median_days: float | None = None
    """From that notification to the activation; none where nobody has activated."""
    cost: int = 0
    """In ten-thousandths of a euro; 0 for what the installation knows no price of."""


def compare_channels(session: Session, establishment_id: int, kind: AccountKind) -> dict[Channel, ChannelResult]:
    """The channels that something went by; three statements, whatever the number of rows."""
    asked = {"establishment_id": establishment_id}
    accounts = dict(map(tuple, _reached(kind).rows(session, **asked)))
    soon = {channel: (number, median) for channel, number, median in _medians(kind).rows(session, **asked)}
    costs = costs_by_channel(session, establishment_id, kind)
    return {
        channel: ChannelResult(number, *soon.get(channel, (0, None)), cost=costs.get(channel, 0))
        for channel, number in accounts.items()
    }


@cache
def _reached(kind: AccountKind) -> Prepared:
    reached = _delivered(kind, Notification.channel, func.count(Notification.account_id.distinct()))
    return Prepared(reached.group_by(Notification.channel))


def _delivered(kind: AccountKind, *columns: Any) -> Select[Any]:  # noqa: ANN401 - columns
    return (
        select(*columns)
        .select_from(Notification)
        .join(Campaign, Campaign.id == Notification.campaign_id)
        .where(
            Notification.establishment_id == ESTABLISHMENT_ID,
            *of_school(ESTABLISHMENT_ID, kind),
            Notification.delivery.in_(DELIVERED),
        )
    )


def _last_before(kind: AccountKind) -> Subquery:
    """Of each activated account, its notifications of before, the last first, with the days in between."""
    days = days_between(Notification.settled_at, Account.activated_at)
    order = Notification.settled_at.desc(), Notification.id.desc()
    place = func.row_number().over(partition_by=Notification.account_id, order_by=order)
    columns = Notification.channel.label("channel"), days.label("days"), place.label("place")
    return (
        _delivered(kind, *columns)
        .join(Account, Account.id == Notification.account_id)
        .where(Notification.settled_at <= Account.activated_at)
        .subquery("last_before")
    )


@cache
def _medians(kind: AccountKind) -> Prepared:
    """How many, and the median of their days, by channel: the mean of the one or the two in the middle."""
    last = _last_before(kind)
    rank = func.row_number().over(partition_by=last.c.channel, order_by=last.c.days)
    number = func.count().over(partition_by=last.c.channel)
    ranked = (
        select(last.c.channel, last.c.days, rank.label("rank"), number.label("number"))
        .where(last.c.place == 1)
        .subquery("ranked")
    )
    in_the_middle = (2 * ranked.c.rank).between(ranked.c.number, ranked.c.number + 2)
    return Prepared(
        select(ranked.c.channel, func.max(ranked.c.number), func.avg(ranked.c.days))
        .where(in_the_middle)
        .group_by(ranked.c.channel)
    )
