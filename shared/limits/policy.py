"""How many wrong passwords are free, and how long one waits beyond (R10): values and decisions, no table.

What strangers do elsewhere makes nobody wait longer than `TURN`, once: a network that did not fail itself has attempts
of its own, whatever is counted around it. What failed waits by itself, so that nobody who polls takes anybody's turn.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

FREE_DOUBLINGS = 20
TURN = timedelta(seconds=30)
"""How long a network not seen before waits, once, before its first attempt on an account, or from a neighbourhood, that
is being guessed at: a list of rented addresses, each used once, gets nothing."""


class TooManyAttempts(Exception):
    """Nothing was looked at: `until` is when the next attempt will be.

    Whoever catches it commits: a turn may have been taken. Nothing else was written, and nobody waits longer for having
    asked too early.
    """

    def __init__(self, until: datetime) -> None:
        super().__init__("Trop d'essais.")
        self.until = until

    def minutes(self, now: datetime) -> int:
        """How long to wait, in whole minutes, for the message to the person who waits."""
        return max(1, -int((now - self.until).total_seconds() // 60))


@dataclass(frozen=True)
class Limit:
    """How many wrong attempts are free, the wait after the next one, and the longest wait; waits double."""

    realm: str
    free: int
    first_wait: timedelta
    longest_wait: timedelta
    free_in_alarm: int
    longest_in_alarm: timedelta
    forgotten_after: timedelta
    """Since the last one that was counted."""

    def wait_after(self, failures: int, *, alarm: bool = False) -> timedelta | None:
        """How long nothing more is looked at after this many failures."""
        beyond = failures - (self.free_in_alarm if alarm else self.free)
        if beyond <= 0:
            return None
        longest = self.longest_in_alarm if alarm else self.longest_wait
        return min(self.first_wait * (1 << min(beyond - 1, FREE_DOUBLINGS)), longest)


@dataclass(frozen=True)
class Level:
    """How many wrong attempts raise the alarm: the limits of others become stricter, nobody waits for these."""

    realm: str
    free: int
    free_in_alarm: int
    forgotten_after: timedelta


FROM_THIS_ADDRESS = Limit(
    "pair", 5, timedelta(seconds=30), timedelta(minutes=15), 3, timedelta(hours=1), timedelta(days=1)
)
"""An identifier tried from one home, or by one browser known there: it bothers whoever tries from there alone."""
BY_ADDRESS = Limit(
    "address", 200, timedelta(minutes=1), timedelta(minutes=15), 30, timedelta(minutes=15), timedelta(hours=1)
)
"""A home trying anything: slack, since a whole school may share an address."""
ON_OPERATOR = Limit(
    "operator-login", 3000, timedelta(minutes=1), timedelta(minutes=1), 3000, timedelta(minutes=1), timedelta(days=1)
)
"""An identifier tried from one provider of IPv6: whoever rents one has more homes than there are accounts."""
BY_OPERATOR = Limit(
    "operator", 6000, timedelta(minutes=1), timedelta(minutes=1), 6000, timedelta(minutes=1), timedelta(hours=1)
)
"""A provider of IPv6 trying anything: twice the alarm of the whole directory."""
CODES = Limit("code", 30, timedelta(minutes=1), timedelta(minutes=1), 30, timedelta(minutes=1), timedelta(days=1))
"""The codes of one second factor tried from anywhere, by whoever has the password already: a million guesses would do,
so that this one holds whatever network they come from."""
BIRTH_DATES = Limit("birth-date", 5, timedelta(days=1), timedelta(days=30), 5, timedelta(days=30), timedelta(days=90))
"""The birth date of a child, asked of whoever holds a link mailed to the family (R37): a few thousand guesses would do,
and who shares the mailbox may try, so that one account is open to a dozen in three months."""
FROM_ANYWHERE = Level("login", 30, 10, timedelta(days=1))
"""An identifier tried from anywhere."""
BY_NETWORK = Level("network", 1000, 200, timedelta(hours=1))
"""The neighbourhood of a home trying anything."""
OF_DIRECTORY = Level("directory", 3000, 3000, timedelta(hours=3))
"""All accounts of a directory together, within one hour: twice what a busy evening of September brings."""

LIMITS = {limit.realm: limit for limit in (FROM_THIS_ADDRESS, BY_ADDRESS, CODES, BIRTH_DATES, ON_OPERATOR, BY_OPERATOR)}
LEVELS = {level.realm: level for level in (FROM_ANYWHERE, BY_NETWORK, OF_DIRECTORY)}


@dataclass(frozen=True)
class Count:
    """What is counted for one subject, and until when it waits."""

    failures: int
    blocked_until: datetime | None

    def waits(self, now: datetime) -> bool:
        """Whether nothing more is looked at yet."""
        return self.blocked_until is not None and self.blocked_until > now


NEVER = Count(0, None)


@dataclass(frozen=True)
class Weather:
    """What strangers do around an attempt, from the counts of before it."""

    on_directory: bool
    on_login: bool
    in_neighbourhood: bool

    @classmethod
    def of(cls, counts: Mapping[str, Count]) -> "Weather":
        """What the counts of an attempt, by realm, say of it."""
        alarm = counts.get(OF_DIRECTORY.realm, NEVER).failures >= OF_DIRECTORY.free

        def raised(level: Level) -> bool:
            free = level.free_in_alarm if alarm else level.free
            return counts.get(level.realm, NEVER).failures > free

        return cls(alarm, raised(FROM_ANYWHERE), raised(BY_NETWORK))

    @property
    def takes_turns(self) -> bool:
        """Whether a home not seen before waits for its turn."""
        return self.on_login or self.in_neighbourhood

    @property
    def is_bad(self) -> bool:
        """Whether the limits of an identifier tried from one home are stricter."""
        return self.on_directory or self.takes_turns
