"""Months and weeks that statistics count by: pure functions of the local day."""

from collections.abc import Sequence
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

WEEK = timedelta(weeks=1)


def last_months(today: date, number: int) -> Sequence[date]:
    """The first days of the last `number` months, that of `today` included, and of the month that follows them."""
    this_month = today.replace(day=1)
    return [this_month + relativedelta(months=offset) for offset in range(1 - number, 2)]


def last_weeks(today: date, number: int) -> Sequence[date]:
    """The Mondays of the last `number` weeks, that of `today` included, and of the week that follows them."""
    monday = today - timedelta(days=today.weekday())
    return [monday + offset * WEEK for offset in range(1 - number, 2)]
