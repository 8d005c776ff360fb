"""R10: how long one waits, and who."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.acting.caller import Caller
from shared.database import Database
from shared.limits.counting import remove_forgotten
from shared.limits.policy import (
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
    Limit,
    TooManyAttempts,
)
from shared.limits.throttling import (
    CREDIT,
    Attempt,
    count_attempt,
    count_code_attempt,
    count_network_attempt,
    count_refusal,
    take_back,
)
from shared.models.accounts import LoginThrottle
from tests.factories import NOW

limits = st.sampled_from(list(LIMITS.values()))
HOME = "198.51.100.7"
MINUTE = timedelta(minutes=1)


def attempt(
    session: Session, login: str = "m.payet", address: str = HOME, now: datetime = NOW, **known: object
) -> Attempt:
    return count_attempt(Caller(session, now, address), "portal", login, **{"familiar": False, **known})


def fail(
    session: Session, login: str = "m.payet", address: str = HOME, now: datetime = NOW, **known: object
) -> Attempt:
    """A wrong password, whatever was waited for."""
    made = attempt(session, login, address, now, **known)
    count_refusal(session, made, now)
    return made


def poll(session: Session, login: str, address: str, now: datetime) -> bool:
    """A stranger's wrong password; whether it was looked at."""
    try:
        fail(session, login, address, now)
    except TooManyAttempts:
        return False
    return True


def besiege(session: Session, login: str = "m.payet") -> None:
    """As many wrong passwords from elsewhere as make the next newcomer wait."""
    for number in range(FROM_ANYWHERE.free + 1):
        fail(session, login, f"192.0.{number}.1")


def fill(session: Session, realm: str, failures: int) -> None:
    """As if that much was counted for everybody in `realm`."""
    session.execute(update(LoginThrottle).where(LoginThrottle.realm == realm).values(failures=failures))


def waits(trying: Callable[[], object], now: datetime = NOW) -> timedelta:
    """How long whoever tries is asked to wait."""
    with pytest.raises(TooManyAttempts) as refused:
        trying()
    return refused.value.until - now


@given(limits, st.integers(min_value=1, max_value=100_000))
def test_a_wait_never_gets_shorter_with_more_failures_nor_longer_than_the_longest(limit: Limit, failures: int) -> None:
    for alarm, longest in ((False, limit.longest_wait), (True, limit.longest_in_alarm)):
        wait = limit.wait_after(failures, alarm=alarm) or timedelta(0)
        following = limit.wait_after(failures + 1, alarm=alarm) or timedelta(0)
        assert wait <= following <= longest
    calm = limit.wait_after(failures) or timedelta(0)
    assert calm <= (limit.wait_after(failures, alarm=True) or timedelta(0))


@given(limits)
def test_the_first_attempts_are_free(limit: Limit) -> None:
    assert limit.wait_after(limit.free) is None
    assert limit.wait_after(limit.free + 1) == limit.first_wait


@given(limits)
def test_no_count_is_forgotten_while_it_waits(limit: Limit) -> None:
    assert limit.forgotten_after >= 2 * max(limit.longest_wait, limit.longest_in_alarm)


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


def test_attempts_refused_do_not_lengthen_the_wait(session: Session) -> None:
    for _ in range(FROM_THIS_ADDRESS.free + 1):
        fail(session)
    for _ in range(20):
        # In one transaction: the edge keeps what a refusal leaves.
        assert waits(lambda: attempt(session)) == FROM_THIS_ADDRESS.first_wait


def test_the_right_password_forgets_the_pair_and_is_not_held_against_the_home(session: Session) -> None:
    for _ in range(3):
        fail(session)
    take_back(session, attempt(session))
    counts = dict(session.execute(select(LoginThrottle.realm, LoginThrottle.failures)).all())
    assert FROM_THIS_ADDRESS.realm not in counts
    assert (counts[BY_ADDRESS.realm], counts[FROM_ANYWHERE.realm]) == (3, 3)


def test_families_that_come_in_from_one_address_do_not_close_it_by_their_mistakes(session: Session) -> None:
    for number in range(BY_ADDRESS.free):
        fail(session, f"p.nom{number}")
        fail(session, f"p.nom{number}")
        take_back(session, attempt(session, f"p.nom{number}"), forgiven=CREDIT)
    attempt(session, "m.payet")


def test_another_account_from_the_same_address_does_not_wait(session: Session) -> None:
    for _ in range(FROM_THIS_ADDRESS.free + 1):
        fail(session)
    attempt(session, "p.hoarau")


def test_the_whole_network_of_a_phone_counts_as_one_address(session: Session) -> None:
    for number in range(FROM_THIS_ADDRESS.free + 1):
        fail(session, address=f"2001:db8:1:2::{number}")
    with pytest.raises(TooManyAttempts):
        attempt(session, address="2001:db8:1:2:ffff::1")
    attempt(session, address="2001:db8:1:3::1")


def test_what_cannot_be_read_as_an_address_waits_as_one(session: Session) -> None:
    for number in range(FROM_THIS_ADDRESS.free + 1):
        fail(session, address=f"garbage {number}")
    with pytest.raises(TooManyAttempts):
        attempt(session, address="x" * 80)
    attempt(session)


def test_strangers_everywhere_make_a_new_network_wait_once_and_less_than_a_minute(session: Session) -> None:
    besiege(session)
    assert waits(lambda: attempt(session)) == TURN <= MINUTE
    for _ in range(FROM_THIS_ADDRESS.free_in_alarm):
        fail(session, now=NOW + TURN)
    attempt(session, address="203.0.113.9", familiar=True)


@pytest.mark.parametrize("addresses", [1, 50, 1000])
def test_strangers_who_poll_take_nobody_s_turn(session: Session, addresses: int) -> None:
    besiege(session)
    strangers = [f"10.{number // 250}.{number % 250}.1" for number in range(addresses)]
    looked_at = sum(poll(session, "m.payet", address, NOW) for address in strangers)
    waits(lambda: attempt(session))
    for second in (30, 60):
        looked_at += sum(
            poll(session, "m.payet", address, NOW + timedelta(seconds=second)) for address in strangers[: 60_000 // 60]
        )
    attempt(session, now=NOW + MINUTE)
    assert looked_at <= addresses * FROM_THIS_ADDRESS.free_in_alarm


def test_one_guess_from_each_of_many_networks_gets_nothing_once_it_is_seen(session: Session) -> None:
    besiege(session)
    strangers = [f"10.{number // 250}.{number % 250}.1" for number in range(500)]
    assert not any(poll(session, "m.payet", address, NOW) for address in strangers)


def test_a_network_that_failed_while_others_did_too_waits_longer_and_longer(session: Session) -> None:
    besiege(session)
    now, looked_at = NOW, 0
    while now < NOW + timedelta(days=1):
        looked_at += poll(session, "m.payet", "192.0.2.200", now)
        now += timedelta(seconds=30)
    assert looked_at <= 40


@pytest.mark.parametrize(
    ("first", "neighbour", "stranger"),
    [("192.0.2.1", "192.0.2.200", "192.0.3.1"), ("2001:db8:1:2::1", "2001:db8:1:ffff::1", "2001:db8:2:2::1")],
)
def test_a_neighbourhood_that_fails_makes_its_other_homes_wait_once(
    session: Session, first: str, neighbour: str, stranger: str
) -> None:
    fail(session, address=first)
    fill(session, BY_NETWORK.realm, BY_NETWORK.free + 1)
    assert waits(lambda: attempt(session, "l.grondin", neighbour)) == TURN
    # A stranger who polls from next door takes nobody's turn.
    for number in range(40):
        poll(session, f"p.nom{number}", first, NOW + timedelta(seconds=number))
    attempt(session, "l.grondin", neighbour, NOW + TURN)
    attempt(session, "l.grondin", stranger)
    attempt(session, "m.payet", "192.0.2.77", familiar=True)


def test_homes_of_ipv6_are_no_way_around_a_neighbourhood_that_fails(session: Session) -> None:
    fail(session, address="2001:db8:1:2::1")
    fill(session, BY_NETWORK.realm, BY_NETWORK.free + 1)
    looked_at = 0
    for number in range(2 * BY_ADDRESS.free):
        # Each from a /64 of its own, all in one /56: one subscriber.
        waits(lambda number=number: attempt(session, f"p.nom{number}", f"2001:db8:1:{number % 256:x}::1"))
        looked_at += poll(session, f"p.nom{number}", f"2001:db8:1:{number % 256:x}::1", NOW + TURN)
    assert looked_at == BY_ADDRESS.free_in_alarm + 1


def test_whoever_rents_a_provider_of_ipv6_has_no_end_of_guesses(session: Session) -> None:
    fail(session, address="2001:db8:1:2::1")
    fill(session, ON_OPERATOR.realm, ON_OPERATOR.free)
    fail(session, address="2001:db8:2:2::1")
    assert waits(lambda: attempt(session, address="2001:db8:ffff::1")) <= MINUTE
    attempt(session, "p.hoarau", "2001:db8:ffff::1")
    attempt(session, address="2001:db9::1")
    attempt(session, address="2001:db8:ffff::1", familiar=True)
    fill(session, BY_OPERATOR.realm, BY_OPERATOR.free)
    fail(session, "p.hoarau", address="2001:db8:3:2::1")
    assert waits(lambda: attempt(session, "l.grondin", "2001:db8:ffff::1")) <= MINUTE


def test_neighbours_of_one_address_never_close_it_for_an_account_at_home_there(session: Session) -> None:
    for number in range(BY_ADDRESS.free + 1):
        fail(session, f"p.nom{number}")
    with pytest.raises(TooManyAttempts):
        attempt(session, "l.grondin")
    attempt(session, familiar=True)


def test_a_neighbour_who_tries_the_very_account_does_not_close_the_browser_that_is_known(session: Session) -> None:
    for _ in range(FROM_THIS_ADDRESS.free + 1):
        fail(session, familiar=True)
    with pytest.raises(TooManyAttempts):
        attempt(session, familiar=True)
    attempt(session, familiar=True, device="the browser of the family")


def test_a_known_browser_that_was_stolen_has_no_end_of_guesses(session: Session) -> None:
    for number in range(FROM_THIS_ADDRESS.free + 1):
        fail(session, address=f"192.0.2.{number}", familiar=True, device="stolen")
    with pytest.raises(TooManyAttempts):
        attempt(session, address="203.0.113.9", familiar=True, device="stolen")


def test_coming_in_oneself_between_two_guesses_gains_nothing(session: Session) -> None:
    for number in range(BY_ADDRESS.free + 1):
        fail(session, f"p.nom{number}")
    take_back(session, attempt(session, "own.account", familiar=True))
    with pytest.raises(TooManyAttempts):
        attempt(session, "l.grondin")


def test_guesses_over_the_whole_directory_make_limits_stricter_and_lock_nobody_out(session: Session) -> None:
    fail(session, "x.nobody", "192.0.2.1")
    fill(session, OF_DIRECTORY.realm, OF_DIRECTORY.free)
    for _ in range(FROM_THIS_ADDRESS.free_in_alarm + 1):
        fail(session)
    with pytest.raises(TooManyAttempts):
        attempt(session)
    attempt(session, "p.hoarau")
    for _ in range(FROM_THIS_ADDRESS.free):
        fail(session, "l.grondin", familiar=True)
    later = NOW + timedelta(hours=2)
    for _ in range(FROM_THIS_ADDRESS.free):
        fail(session, "z.payet", HOME, later)


def test_whoever_watches_is_told_once_of_an_attack_on_the_directory(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    fail(session)
    fill(session, OF_DIRECTORY.realm, OF_DIRECTORY.free - 1)
    for number in range(3):
        fail(session, f"p.nom{number}")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "wrong passwords within an hour" in caplog.text


def test_and_of_one_on_an_account_without_its_name(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    besiege(session)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "wrong passwords on one account" in caplog.text
    assert "m.payet" not in caplog.text


def test_the_same_name_in_the_other_directory_is_another_subject(session: Session) -> None:
    for _ in range(FROM_THIS_ADDRESS.free + 1):
        fail(session)
    count_attempt(Caller(session, NOW, HOME), "admin", "m.payet", familiar=False)


def test_codes_are_counted_together_wherever_they_come_from(session: Session) -> None:
    def try_code(address: str, **known: bool) -> Attempt:
        return count_code_attempt(Caller(session, NOW, address), "admin-code", "1", **{"familiar": False, **known})

    for number in range(CODES.free + 1):
        try_code(f"192.0.{number}.1")
    assert waits(lambda: try_code("203.0.113.9")) <= MINUTE
    try_code("203.0.113.9", familiar=True)


def test_answers_that_nobody_can_guess_are_counted_by_network_alone(session: Session) -> None:
    for _ in range(BY_ADDRESS.free + 1):
        count_network_attempt(Caller(session, NOW, "2001:db8:1:2::1"), "portal")
    with pytest.raises(TooManyAttempts):
        count_network_attempt(Caller(session, NOW, "[2001:db8:1:2::ffff]:443"), "portal")
    count_network_attempt(Caller(session, NOW, "2001:db8:1:3::1"), "portal")


def test_old_attempts_are_forgotten(session: Session) -> None:
    for _ in range(FROM_THIS_ADDRESS.free + 1):
        fail(session)
    later = NOW + FROM_THIS_ADDRESS.forgotten_after + timedelta(seconds=1)
    for _ in range(FROM_THIS_ADDRESS.free):
        fail(session, now=later)
    remove_forgotten(session, later)
    assert session.scalar(select(func.count()).select_from(LoginThrottle)) > 0
    remove_forgotten(session, later + FROM_THIS_ADDRESS.forgotten_after + timedelta(hours=1))
    assert session.scalar(select(func.count()).select_from(LoginThrottle)) == 0


def test_neither_logins_nor_addresses_are_kept(session: Session) -> None:
    fail(session)
    for row in session.scalars(select(LoginThrottle)):
        assert len(row.subject_hash) == 64
        assert int(row.subject_hash, 16) >= 0


def test_an_attempt_that_waits_writes_nothing(session: Session) -> None:
    for number in range(BY_ADDRESS.free + 1):
        fail(session, f"p.nom{number}")
    rows = session.scalar(select(func.count()).select_from(LoginThrottle))
    for number in range(50):
        with pytest.raises(TooManyAttempts):
            attempt(session, f"another{number}")
    assert session.scalar(select(func.count()).select_from(LoginThrottle)) == rows
