"""So much of something in an hour for one network, or for one person: what costs mails, rows or work (R10).

Slack, since a school may share an address; the rules of each thing space what concerns one account. Counted in the
database, like wrong passwords: in one statement, for all processes and machines together.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from shared.counting import Subject, count

PERIOD = timedelta(hours=1)


@dataclass(frozen=True)
class Quota:
    """How many times in an hour; `realm` is what it is counted under, 20 characters at most."""

    realm: str
    most: int


class QuotaUsedUp(Exception):
    """Nothing was done: `until` is when it can be asked for again. Whatever the caller does with its transaction."""

    def __init__(self, until: datetime) -> None:
        super().__init__("Trop de demandes.")
        self.until = until

    def minutes(self, now: datetime) -> int:
        """How long to wait, in whole minutes, for the message to the person who waits."""
        return max(1, -int((now - self.until).total_seconds() // 60))


def use(session: Session, quota: Quota, whose: str, now: datetime) -> None:
    """Count one more of `whose` (the name of a network, of a person), in the transaction of what it is for.

    What is refused afterwards for another reason, and undone, was not used.

    Raises:
        QuotaUsedUp: that was all for this hour.
    """
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    subject = Subject.of(quota.realm, PERIOD, whose, hour.isoformat())
    if count(session, [subject], now)[subject].failures > quota.most:
        raise QuotaUsedUp(hour + PERIOD)
