"""Wrong passwords slow down, then block for a while (R10).

Identifiers are easy to guess, so several things are counted, each by its hash only:

- an identifier tried from one network address: strict, it only bothers whoever tries from there;
- an identifier tried from anywhere: slack and short, so that a stranger cannot lock a family out for long;
- a network address trying anything: slack, since a whole school may share one;
- the network around that address (/24, or /48 of IPv6) trying anything: slacker and short;
- the wrong passwords of a whole directory in an hour: they make nobody wait, which would let a stranger close the
  portal, but past `ALARM` the other limits are stricter for addresses not seen before.

An address from which the account was opened before waits neither for what others try on it nor for its neighbours.
An attempt is counted before the password is looked at, and taken back when it was right: many at once gain nothing.
"""

import hashlib
import ipaddress
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import Row, Table, bindparam, case, delete, func, select, update
from sqlalchemy.orm import Session

from shared.database import insert_or
from shared.models.accounts import LoginThrottle

FORGOTTEN_AFTER = timedelta(hours=1)
FREE_DOUBLINGS = 20
ALARM = 3000
"""Wrong passwords in one hour, all accounts of a directory together: twice what a busy evening of September brings."""

_log = logging.getLogger(__name__)


class TooManyAttempts(Exception):
    """Nothing was tried: `until` is when the next attempt will be looked at."""

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
    spares_known_address: bool = False

    def wait_after(self, failures: int, *, alarm: bool = False) -> timedelta | None:
        """How long nothing more is looked at after this many failures."""
        beyond = failures - (self.free_in_alarm if alarm else self.free)
        if beyond <= 0:
            return None
        return min(self.first_wait * (1 << min(beyond - 1, FREE_DOUBLINGS)), self.longest_wait)


FROM_THIS_ADDRESS = Limit("pair", 5, timedelta(seconds=30), timedelta(minutes=15), free_in_alarm=3)
FROM_ANYWHERE = Limit(
    "login", 30, timedelta(minutes=1), timedelta(minutes=1), free_in_alarm=10, spares_known_address=True
)
BY_ADDRESS = Limit("address", 200, timedelta(minutes=1), timedelta(minutes=15), free_in_alarm=30)
BY_NETWORK = Limit(
    "network", 1000, timedelta(minutes=1), timedelta(minutes=1), free_in_alarm=200, spares_known_address=True
)
OF_DIRECTORY = "directory"


# The table itself: every login goes through here, and no object of a session stands for these rows.
_COUNTS = cast(Table, LoginThrottle.__table__)
LIMITS = {limit.realm: limit for limit in (FROM_THIS_ADDRESS, FROM_ANYWHERE, BY_ADDRESS, BY_NETWORK)}


@dataclass(frozen=True)
class Attempt:
    """An attempt that was counted: take it back when the password was right."""

    subjects: Mapping[str, str]
    """The hash counted under each realm."""


def count_attempt(
    session: Session, directory: str, login: str, address: str, now: datetime, *, known_address: bool
) -> Attempt:
    """Count an attempt on `login` of `directory` (`portal`, `admin`), and let it be looked at.

    The caller commits before it looks at the password, so that the count stands whatever happens then; and rolls back
    when this raises, so that waiting people are not made to wait longer.

    Raises:
        TooManyAttempts: wait first.
    """
    place = _network(address, 32, 64)
    subjects = {
        FROM_THIS_ADDRESS.realm: _hash(directory, login, place),
        FROM_ANYWHERE.realm: _hash(directory, login),
        BY_ADDRESS.realm: _hash(place),
        BY_NETWORK.realm: _hash(_network(address, 24, 48)),
    }
    alarm = not known_address and _is_alarmed(session, directory, now)
    return _count_and_wait(session, subjects, now, known_address=known_address, alarm=alarm)


def count_network_attempt(session: Session, address: str, now: datetime) -> Attempt:
    """Count an attempt with what nobody can guess (a passkey): only where it comes from matters.

    Raises:
        TooManyAttempts: wait first; the caller rolls back.
    """
    subjects = {
        BY_ADDRESS.realm: _hash(_network(address, 32, 64)),
        BY_NETWORK.realm: _hash(_network(address, 24, 48)),
    }
    return _count_and_wait(session, subjects, now, known_address=False, alarm=False)


def _count_and_wait(
    session: Session, subjects: Mapping[str, str], now: datetime, *, known_address: bool, alarm: bool
) -> Attempt:
    for counted in _count(session, subjects, now):
        limit = LIMITS[counted.realm]
        spared = known_address and limit.spares_known_address
        if counted.blocked_until and counted.blocked_until > now and not spared:
            raise TooManyAttempts(counted.blocked_until)
        wait = limit.wait_after(counted.failures, alarm=alarm)
        if wait is not None:
            row = update(_COUNTS).where(_COUNTS.c.id == counted.id)
            session.execute(row.values(blocked_until=now + wait))
    return Attempt(subjects)


def count_refusal(session: Session, directory: str, now: datetime) -> None:
    """Count a wrong password against the whole of `directory`, and tell whoever watches the logs when it is too many.

    Last in its transaction: everybody's wrong passwords wait here for each other.
    """
    [counted] = _count(session, {OF_DIRECTORY: _hash(directory, _hour(now))}, now)
    if counted.failures == ALARM:
        _log.warning("%s wrong passwords on %s within an hour: limits are stricter for new addresses", ALARM, directory)


def take_back(session: Session, attempt: Attempt) -> None:
    """The password was right: forget the failures of this pair, and do not hold this attempt against the others."""
    pair = attempt.subjects.get(FROM_THIS_ADDRESS.realm)
    if pair is not None:
        session.execute(delete(_COUNTS).where(_COUNTS.c.subject_hash == pair))
    # One after the other, in the order they are counted in: otherwise two logins could wait for each other.
    others = [{"subject": subject} for subject in attempt.subjects.values() if subject != pair]
    lowered = update(_COUNTS).where(_COUNTS.c.subject_hash == bindparam("subject"), _COUNTS.c.failures > 0)
    session.execute(lowered.values(failures=_COUNTS.c.failures - 1, blocked_until=None), others)


def forget_old_attempts(session: Session, now: datetime) -> None:
    """Remove the counts that no longer matter; for the daily job."""
    session.execute(delete(LoginThrottle).where(LoginThrottle.last_failure_at < now - FORGOTTEN_AFTER))


def _count(
    session: Session, subjects: Mapping[str, str], now: datetime
) -> Sequence[Row[int, str, int, datetime | None]]:
    # One statement, which locks the rows: attempts at the same time are counted one after the other.
    insert = insert_or(session, _COUNTS)
    forgotten = _COUNTS.c.last_failure_at < now - FORGOTTEN_AFTER
    counted = insert.on_conflict_do_update(
        index_elements=[_COUNTS.c.realm, _COUNTS.c.subject_hash],
        set_={"failures": case((forgotten, 1), else_=_COUNTS.c.failures + 1), "last_failure_at": now},
    ).returning(_COUNTS.c.id, _COUNTS.c.realm, _COUNTS.c.failures, _COUNTS.c.blocked_until)
    rows = [
        {"realm": realm, "subject_hash": subject, "failures": 1, "last_failure_at": now}
        for realm, subject in subjects.items()
    ]
    return session.execute(counted, rows).all()


def _is_alarmed(session: Session, directory: str, now: datetime) -> bool:
    hours = [_hash(directory, _hour(at)) for at in (now, now - timedelta(hours=1))]
    most = select(func.max(_COUNTS.c.failures)).where(
        _COUNTS.c.realm == OF_DIRECTORY, _COUNTS.c.subject_hash.in_(hours)
    )
    return (session.scalar(most) or 0) >= ALARM


def _hour(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H}"


def _network(address: str, bits: int, bits_of_ipv6: int) -> str:
    # A home or a phone holds a whole /64 of IPv6 addresses, a small provider a /48.
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, bits_of_ipv6 if parsed.version == 6 else bits), strict=False))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
