"""How long things are kept, and from which days on that is over."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from shared.clock import start_of_day
from shared.config import Settings

NOTICE = timedelta(days=30)
"""Between the mail that announces an erasure and the erasure."""


@dataclass(frozen=True)
class Periods:
    """What is over by `today`, the day it is in the académie."""

    today: date
    left_by: date
    """Fiches of who left by this day are erased."""
    left_by_instant: datetime
    """The same for imports that no longer held a fiche."""
    unused_since: datetime
    """An active account whose last use is older is announced."""


def periods(settings: Settings, today: date) -> Periods:
    """Those of this installation."""
    left_by = today - relativedelta(months=settings.retention_fiche_months)
    announced = today - timedelta(days=settings.retention_account_days) + NOTICE
    return Periods(
        today=today,
        left_by=left_by,
        left_by_instant=start_of_day(left_by + timedelta(days=1), settings.time_zone),
        unused_since=start_of_day(announced, settings.time_zone),
    )
