"""Wrong passwords slow down, then make whoever typed them wait (R10).

Identifiers are easy to guess, so several things are counted, each by its hash only (`policy.py` says how many of each):

- an identifier tried from one home, or by one browser known there: strict, it bothers whoever tries from there alone;
- a home trying anything: slack, since a whole school may share an address;
- an identifier tried from anywhere, and the neighbourhood of a home trying anything: beyond these, a home not seen
  before waits for its turn, once and not for long, and then has attempts of its own like everybody else;
- for IPv6, a whole provider: one more address there costs nothing;
- the wrong passwords of a whole directory in an hour: they make nobody wait, which would let a stranger close the
  portal, but the other limits are stricter meanwhile.

Where the account was opened before, from that network or in that browser, only the first of these counts. An attempt is
counted before the password is looked at, and taken back when it was right: many at once gain nothing.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from shared.acting.caller import Caller
from shared.limits.counting import Subject, count, counts_of, forget, let_wait, lower, take_turn
from shared.limits.networks import Network, network_of
from shared.limits.policy import (
    BIRTH_DATES,
    BY_ADDRESS,
    BY_NETWORK,
    BY_OPERATOR,
    CODES,
    FROM_ANYWHERE,
    FROM_THIS_ADDRESS,
    LIMITS,
    OF_DIRECTORY,
    ON_OPERATOR,
    TURN,
    Count,
    Level,
    Limit,
    TooManyAttempts,
    Weather,
)

CREDIT = 5
"""Wrong passwords that a home is forgiven for each account that comes in from there for the first time: a school where
families activate their accounts, or the few addresses of a telephone network, fill no count by themselves."""

Counts = Mapping[Subject, Count]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """An attempt that was counted: taken back when it was right, counted more widely when it was wrong."""

    subjects: Mapping[str, Subject]
    """Counted already, by the realm of their limit."""
    on_refusal: tuple[Subject, ...] = ()
    """Counted when it turns out wrong, in this order."""


@dataclass(frozen=True)
class _Around:
    """What an attempt counts for beside its own pair."""

    home: Subject
    line: Subject
    """What stands for the home while its neighbourhood fails: one of 256 there, for IPv6 too."""
    wide: tuple[Subject, ...]
    """The identifier from anywhere, and the neighbourhood."""
    of_operator: tuple[Subject, ...]
    hours: tuple[Subject, ...]
    """The directory in this hour, and in the one before."""

    @classmethod
    def of(cls, directory: str, login: str, network: Network, now: datetime) -> "_Around":
        of_operator: tuple[Subject, ...] = ()
        if network.operator is not None:
            on_login = _subject(ON_OPERATOR, directory, login, network.operator)
            of_operator = (on_login, _subject(BY_OPERATOR, network.operator))
        return cls(
            home=_subject(BY_ADDRESS, network.home),
            line=_subject(BY_ADDRESS, network.line),
            wide=(_subject(FROM_ANYWHERE, directory, login), _subject(BY_NETWORK, network.site)),
            of_operator=of_operator,
            hours=(_hour(directory, now), _hour(directory, now - timedelta(hours=1))),
        )

    @property
    def all(self) -> list[Subject]:
        """Every subject that an attempt counts for, each once."""
        return list(dict.fromkeys((self.home, self.line, *self.wide, *self.of_operator, *self.hours)))


def count_attempt(caller: Caller, directory: str, login: str, *, familiar: bool, device: str = "") -> Attempt:
    """Count an attempt on `login` of `directory` (`portal`, `admin`), and let it be looked at.

    `familiar`: the account was opened from this network, or in this browser; `device` then tells the browser from the
    others of its network. The caller commits before it looks at the password: the count stands whatever happens.

    Raises:
        TooManyAttempts: wait first; the caller commits.
    """
    network = network_of(caller.address)
    around = _Around.of(directory, login, network, caller.now)
    pair = _subject(FROM_THIS_ADDRESS, directory, login, device or network.home)
    counts = counts_of(caller.session, [pair, *around.all], caller.now)
    if familiar:
        _refuse_what_waits(counts, [pair], caller.now)
        return Attempt(_count(caller.session, {pair: False}, caller.now), (around.wide[0], around.hours[0]))
    weather = Weather.of(_by_realm(counts))
    home = around.line if weather.in_neighbourhood else around.home
    _refuse_what_waits(counts, [pair, home, *around.of_operator], caller.now)
    if weather.takes_turns and pair not in counts:
        take_turn(caller.session, pair, caller.now, until=caller.now + TURN)
        raise TooManyAttempts(caller.now + TURN)
    strict = {pair: weather.is_bad, home: weather.on_directory or weather.in_neighbourhood}
    return Attempt(_count(caller.session, strict, caller.now), (*around.wide, *around.of_operator, around.hours[0]))


def count_network_attempt(caller: Caller, directory: str) -> Attempt:
    """Count an attempt with what nobody can guess (a passkey): only where it comes from matters.

    Raises:
        TooManyAttempts: wait first; the caller commits.
    """
    home = _subject(BY_ADDRESS, network_of(caller.address).home)
    hours = _hour(directory, caller.now), _hour(directory, caller.now - timedelta(hours=1))
    counts = counts_of(caller.session, [home, *hours], caller.now)
    _refuse_what_waits(counts, [home], caller.now)
    return Attempt(_count(caller.session, {home: Weather.of(_by_realm(counts)).on_directory}, caller.now))


def count_code_attempt(caller: Caller, directory: str, owner: str, *, familiar: bool) -> Attempt:
    """Count an attempt on the second factor of `owner`, who is known to have the password.

    Raises:
        TooManyAttempts: wait first; the caller commits.
    """
    network = network_of(caller.address)
    pair = _subject(FROM_THIS_ADDRESS, directory, owner, network.home)
    subjects = [pair] if familiar else [pair, _subject(CODES, directory, owner)]
    _refuse_what_waits(counts_of(caller.session, subjects, caller.now), subjects, caller.now)
    return Attempt(_count(caller.session, dict.fromkeys(subjects, False), caller.now))


def count_birth_date_attempt(caller: Caller, account_id: int) -> Attempt:
    """Count an attempt to name the birth date of a child of an account, by whoever holds a link to it (R37).

    Raises:
        TooManyAttempts: wait first; the caller commits.
    """
    subject = _subject(BIRTH_DATES, str(account_id))
    _refuse_what_waits(counts_of(caller.session, [subject], caller.now), [subject], caller.now)
    return Attempt(_count(caller.session, {subject: False}, caller.now))


def count_refusal(session: Session, attempt: Attempt, now: datetime) -> None:
    """Count a wrong password more widely, and tell whoever watches the logs when it is too many.

    Last in its transaction: everybody's wrong passwords wait here for each other.
    """
    for subject, counted in count(session, attempt.on_refusal, now).items():
        wait = LIMITS[subject.realm].wait_after(counted.failures) if subject.realm in LIMITS else None
        if wait is not None:
            let_wait(session, subject, now + wait)
        if subject.realm == OF_DIRECTORY.realm and counted.failures == OF_DIRECTORY.free:
            _log.warning("%s wrong passwords within an hour: limits are stricter for new addresses", counted.failures)
        if subject.realm == FROM_ANYWHERE.realm and counted.failures == FROM_ANYWHERE.free + 1:
            _log.warning("%s wrong passwords on one account: new addresses wait for their turn", counted.failures)


def take_back(session: Session, attempt: Attempt, *, forgiven: int = 0) -> None:
    """The password was right: forget the failures of this pair, and do not hold this attempt against its network.

    `forgiven`: how many earlier failures of the network are not held against it either.
    """
    # One after the other, in the order they are counted in: otherwise two logins could wait for each other.
    for realm, subject in attempt.subjects.items():
        if realm == FROM_THIS_ADDRESS.realm:
            forget(session, subject)
        else:
            lower(session, subject, 1 + (forgiven if realm == BY_ADDRESS.realm else 0))


def waits_until(session: Session, directory: str, login: str, places: Iterable[str], now: datetime) -> datetime | None:
    """Until when an identifier tried from these places waits: homes and hashes of browsers; none where none waits."""
    counts = counts_of(session, _of_login(directory, login, places), now)
    return max((one.blocked_until for one in counts.values() if one.blocked_until and one.waits(now)), default=None)


def lift(session: Session, directory: str, login: str, places: Iterable[str]) -> None:
    """Count nothing any more for an identifier, from these places and from anywhere.

    What a home or a neighbourhood tried of other accounts stays counted: it is not this family's alone.
    """
    for subject in _of_login(directory, login, places):
        forget(session, subject)


def _of_login(directory: str, login: str, places: Iterable[str]) -> list[Subject]:
    pairs = (_subject(FROM_THIS_ADDRESS, directory, login, place) for place in places)
    return [*dict.fromkeys(pairs), _subject(FROM_ANYWHERE, directory, login)]


def _count(session: Session, strict: Mapping[Subject, bool], now: datetime) -> dict[str, Subject]:
    """Count an attempt for each subject, whose limit is stricter or not; what was counted meanwhile is seen here."""
    counts = count(session, strict, now)
    _refuse_what_waits(counts, strict, now)
    for subject, counted in counts.items():
        wait = LIMITS[subject.realm].wait_after(counted.failures, alarm=strict[subject])
        if wait is not None:
            let_wait(session, subject, now + wait)
    return {subject.realm: subject for subject in strict}


def _refuse_what_waits(counts: Counts, subjects: Iterable[Subject], now: datetime) -> None:
    waits = [one.blocked_until for one in map(counts.get, subjects) if one and one.blocked_until]
    until = max(waits, default=now)
    if until > now:
        raise TooManyAttempts(until)


def _by_realm(counts: Counts) -> dict[str, Count]:
    """The highest count of each realm: of the directory, there are two hours."""
    ordered = sorted(counts.items(), key=lambda each: each[1].failures)
    return {subject.realm: counted for subject, counted in ordered}


def _subject(limit: Limit | Level, *parts: str) -> Subject:
    return Subject.of(limit.realm, limit.forgotten_after, *parts)


def _hour(directory: str, at: datetime) -> Subject:
    return _subject(OF_DIRECTORY, directory, f"{at.astimezone(UTC):%Y-%m-%dT%H}")
