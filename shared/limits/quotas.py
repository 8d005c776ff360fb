"""So much of something in an hour, or less, for one network or one person: what costs mails, rows or work (R10).

Slack, since a school may share an address; the rules of each thing space what concerns one account. Counted in the
database, like wrong passwords: in one statement, for all processes and machines together.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from shared.limits.counting import Subject, count

_ANY_HOUR = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Quota:
    """How many times in a while; `realm` is what it is counted under, 20 characters at most."""

    realm: str
    most: int
    period: timedelta = timedelta(hours=1)


class QuotaUsedUp(Exception):
    """Nothing was done: `until` is when it can be asked for again. Whatever the caller does with its transaction."""

    def __init__(self, quota: Quota, until: datetime) -> None:
        super().__init__("Trop de demandes.")
        self.quota = quota
        self.until = until

    def minutes(self, now: datetime) -> int:
        """How long to wait, in whole minutes, for the message to the person who waits."""
        return max(1, -int((now - self.until).total_seconds() // 60))


def use(session: Session, quota: Quota, whose: str, now: datetime) -> None:
    """Count one more of `whose` (the name of a network, of a person), in the transaction of what it is for.

    What is refused afterwards for another reason, and undone, was not used.

    Raises:
        QuotaUsedUp: that was all for now.
    """
    begun = now.astimezone(UTC) - (now - _ANY_HOUR) % quota.period
    subject = Subject.of(quota.realm, quota.period, whose, begun.isoformat())
    if count(session, [subject], now)[subject].failures > quota.most:
        raise QuotaUsedUp(quota, begun + quota.period)
