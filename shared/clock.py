"""The time, asked for by the edges only: rules are told it."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

TIME_ZONE = "Europe/Paris"
"""Where nothing else is set."""


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)


def local(instant: datetime, time_zone: str) -> datetime:
    """`instant` on the clocks of the académie."""
    return instant.astimezone(ZoneInfo(time_zone))


def local_date(instant: datetime, time_zone: str) -> date:
    """The day it is in the académie at `instant`."""
    return local(instant, time_zone).date()


def start_of_day(day: date, time_zone: str) -> datetime:
    """The instant at which `day` begins in the académie."""
    return datetime.combine(day, time.min, ZoneInfo(time_zone))
