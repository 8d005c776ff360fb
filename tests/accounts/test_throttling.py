"""R10: how long one waits, and who."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.database import Database
from shared.models.accounts import LoginThrottle
from shared.throttling import (
    ALARM,
    BY_ADDRESS,
    BY_NETWORK,
    FORGOTTEN_AFTER,
    FROM_ANYWHERE,
    FROM_THIS_ADDRESS,
    LIMITS,
    OF_DIRECTORY,
    Attempt,
    Limit,
    TooManyAttempts,
    count_attempt,
    count_refusal,
    forget_old_attempts,
    take_back,
)
from tests.factories import NOW

limits = st.sampled_from(list(LIMITS.values()))
HOME = "198.51.100.7"


def attempt(session: Session, login: str = "m.payet", address: str = HOME, *, known: bool = False) -> Attempt:
    return count_attempt(session, "portal", login, address, NOW, known_address=known)


@given(limits, st.integers(min_value=1, max_value=100_000))
def test_a_wait_never_gets_shorter_with_more_failures_nor_longer_than_the_longest(limit: Limit, failures: int) -> None:
    wait = limit.wait_after(failures) or timedelta(0)
    following = limit.wait_after(failures + 1) or timedelta(0)
    assert wait <= following <= limit.longest_wait
    assert wait <= (limit.wait_after(failures, alarm=True) or timedelta(0)) <= limit.longest_wait


@given(limits)
def test_the_first_attempts_are_free(limit: Limit) -> None:
    assert limit.wait_after(limit.free) is None
    assert limit.wait_after(limit.free + 1) == limit.first_wait


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (60, 1), (61, 2), (120, 2), (900, 15)])
def test_a_wait_is_said_in_whole_minutes(seconds: int, minutes: int) -> None:
    assert TooManyAttempts(NOW + timedelta(seconds=seconds)).minutes(NOW) == minutes


def test_many_attempts_at_once_gain_nothing(database: Database) -> None:
    tries = 2 * FROM_THIS_ADDRESS.free
    together = Barrier(tries)

    def try_once(_number: int) -> bool:
        together.wait()
        try:
            with database.writing() as session:
                attempt(session)
        except TooManyAttempts:
            return False
        return True

    with ThreadPoolExecutor(tries) as threads:
        looked_at = sum(threads.map(try_once, range(tries)))
    assert looked_at == FROM_THIS_ADDRESS.free + 1


def test_attempts_refused_do_not_lengthen_the_wait(database: Database) -> None:
    for _ in range(FROM_THIS_ADDRESS.free + 1):
        with database.writing() as session:
            attempt(session)
    for _ in range(20):
        with pytest.raises(TooManyAttempts) as refused, database.writing() as session:
            attempt(session)
        assert refused.value.until == NOW + FROM_THIS_ADDRESS.first_wait


def test_the_right_password_forgets_the_pair_and_gives_the_others_their_attempt_back(session: Session) -> None:
    for _ in range(3):
        last = attempt(session)
    take_back(session, last)
    counts = session.execute(select(LoginThrottle.realm, LoginThrottle.failures)).all()
    assert sorted(map(tuple, counts)) == [(BY_ADDRESS.realm, 2), (FROM_ANYWHERE.realm, 2), (BY_NETWORK.realm, 2)]


def test_another_account_from_the_same_address_does_not_wait(session: Session) -> None:
    for _ in range(FROM_THIS_ADDRESS.free + 1):
        attempt(session)
    attempt(session, "p.hoarau")


def test_the_whole_network_of_a_phone_counts_as_one_address(session: Session) -> None:
    for number in range(FROM_THIS_ADDRESS.free + 1):
        attempt(session, address=f"2001:db8:1:2::{number}")
    with pytest.raises(TooManyAttempts):
        attempt(session, address="2001:db8:1:2:ffff::1")
    attempt(session, address="2001:db8:1:3::1")


def test_strangers_everywhere_make_only_unknown_addresses_wait_and_not_for_long(session: Session) -> None:
    for number in range(FROM_ANYWHERE.free + 1):
        attempt(session, address=f"192.0.2.{number}")
    with pytest.raises(TooManyAttempts) as refused:
        attempt(session)
    assert refused.value.until - NOW <= timedelta(minutes=1)
    attempt(session, known=True)


@pytest.mark.parametrize(
    ("first", "neighbour", "stranger"),
    [("192.0.2.1", "192.0.2.200", "192.0.3.1"), ("2001:db8:1:2::1", "2001:db8:1:ffff::1", "2001:db8:2:2::1")],
)
def test_a_network_of_many_addresses_waits_as_one(session: Session, first: str, neighbour: str, stranger: str) -> None:
    attempt(session, address=first)
    failures = update(LoginThrottle).where(LoginThrottle.realm == BY_NETWORK.realm).values(failures=BY_NETWORK.free)
    session.execute(failures)
    attempt(session, "p.hoarau", address=first)
    with pytest.raises(TooManyAttempts) as refused:
        attempt(session, "l.grondin", address=neighbour)
    assert refused.value.until - NOW <= timedelta(minutes=1)
    attempt(session, "l.grondin", address=stranger)
    attempt(session, "l.grondin", address=neighbour, known=True)


def test_guesses_over_the_whole_directory_make_limits_stricter_and_lock_nobody_out(session: Session) -> None:
    count_refusal(session, "portal", NOW)
    alarm = update(LoginThrottle).where(LoginThrottle.realm == OF_DIRECTORY).values(failures=ALARM)
    session.execute(alarm)
    for _ in range(FROM_THIS_ADDRESS.free_in_alarm + 1):
        attempt(session)
    with pytest.raises(TooManyAttempts):
        attempt(session)
    attempt(session, "p.hoarau")
    for _ in range(FROM_THIS_ADDRESS.free):
        attempt(session, "l.grondin", known=True)
    later = NOW + timedelta(hours=2)
    for _ in range(FROM_THIS_ADDRESS.free):
        count_attempt(session, "portal", "m.payet", HOME, later, known_address=False)


def test_whoever_watches_is_told_once_of_an_attack_on_the_directory(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    count_refusal(session, "portal", NOW)
    session.execute(update(LoginThrottle).values(failures=ALARM - 1))
    for _ in range(3):
        count_refusal(session, "portal", NOW)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "wrong passwords on portal" in caplog.text


def test_the_same_name_in_the_other_directory_is_another_subject(session: Session) -> None:
    for _ in range(FROM_THIS_ADDRESS.free + 1):
        attempt(session)
    count_attempt(session, "admin", "m.payet", HOME, NOW, known_address=False)


def test_old_attempts_are_forgotten(session: Session) -> None:
    for _ in range(FROM_THIS_ADDRESS.free + 1):
        attempt(session)
    later = NOW + FORGOTTEN_AFTER + timedelta(seconds=1)
    for _ in range(FROM_THIS_ADDRESS.free):
        count_attempt(session, "portal", "m.payet", HOME, later, known_address=False)
    forget_old_attempts(session, later + FORGOTTEN_AFTER + timedelta(seconds=1))
    assert session.scalar(select(func.count()).select_from(LoginThrottle)) == 0


def test_neither_logins_nor_addresses_are_kept(session: Session) -> None:
    attempt(session)
    for row in session.scalars(select(LoginThrottle)):
        assert len(row.subject_hash) == 64
        assert int(row.subject_hash, 16) >= 0
