"""A process kept for work of one kind: it serves again, dies with what hangs, and gives back what was raised."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from shared import apart
from shared.apart import DiedOfIt, KeptProcess, TookTooLong
from shared.notifications.letters.renderer import Press, Presses
from tests.patience import STILL_SECONDS

MANY = 1_000


@pytest.fixture
def kept() -> Iterator[KeptProcess]:
    process = KeptProcess(MANY)
    yield process
    process.close()


def pid(_given: object) -> int:
    return os.getpid()


def fail(word: str) -> None:
    raise ValueError(word)


def test_one_process_does_all_the_work(kept: KeptProcess) -> None:
    first = kept.do(pid, None, STILL_SECONDS)
    assert first != os.getpid()
    assert kept.do(pid, None, STILL_SECONDS) == first


def test_what_is_raised_comes_back_and_the_process_goes_on(kept: KeptProcess) -> None:
    first = kept.do(pid, None, STILL_SECONDS)
    with pytest.raises(ValueError, match="Zorglub"):
        kept.do(fail, "Zorglub", STILL_SECONDS)
    assert kept.do(pid, None, STILL_SECONDS) == first


def test_work_that_hangs_is_killed_with_its_process(kept: KeptProcess) -> None:
    first = kept.do(pid, None, STILL_SECONDS)
    with pytest.raises(TookTooLong):
        kept.do(time.sleep, 10 * STILL_SECONDS, 0.1)
    assert kept.do(pid, None, STILL_SECONDS) != first
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def turn_in_circles(_given: object) -> None:
    while True:
        pass


def test_work_that_turns_in_circles_is_killed_for_what_it_took_of_a_processor(kept: KeptProcess) -> None:
    first = kept.do(pid, None, STILL_SECONDS)
    with pytest.raises(TookTooLong):
        kept.do(turn_in_circles, None, 0.1, longest=STILL_SECONDS)
    assert kept.do(pid, None, STILL_SECONDS) != first


def test_work_that_waits_for_its_turn_is_waited_for(kept: KeptProcess) -> None:
    kept.do(time.sleep, 2, 0.1, longest=STILL_SECONDS)


def test_each_piece_has_its_own_time_of_a_processor(kept: KeptProcess) -> None:
    first = kept.do(pid, None, STILL_SECONDS)
    for _ in range(4):
        kept.do(work_for, 0.7, 1, longest=STILL_SECONDS)
    assert kept.do(pid, None, STILL_SECONDS) == first


def work_for(seconds: float) -> None:
    begun = time.process_time()
    while time.process_time() < begun + seconds:
        pass


def test_work_that_ends_its_process_is_told_from_work_that_fails(kept: KeptProcess) -> None:
    with pytest.raises(DiedOfIt):
        kept.do(os._exit, 1, STILL_SECONDS)
    assert kept.do(pid, None, STILL_SECONDS)


def test_a_process_that_was_killed_while_it_waited_is_no_fault_of_the_next_work(kept: KeptProcess) -> None:
    first = kept.do(pid, None, STILL_SECONDS)
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + STILL_SECONDS
    while kept._process is not None and kept._process.is_alive():
        assert time.monotonic() < deadline
    assert kept.do(pid, None, STILL_SECONDS) != first


def hang() -> None:
    time.sleep(10 * STILL_SECONDS)


def test_a_process_that_never_begins_keeps_nobody_waiting_for_ever(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(apart, "STARTS_WITHIN", 0.2)
    kept = KeptProcess(MANY, hang)
    with pytest.raises(DiedOfIt):
        kept.do(pid, None, STILL_SECONDS)
    kept.start()
    assert "did not begin" in caplog.text


def test_another_process_takes_over_after_so_many_pieces() -> None:
    kept = KeptProcess(2)
    found = [kept.do(pid, None, STILL_SECONDS) for _ in range(3)]
    kept.close()
    assert found[0] == found[1] != found[2]


def test_a_press_is_kept_for_the_next_letter_and_two_people_wait_for_no_other() -> None:
    presses = Presses()
    with presses.lend() as first, presses.lend() as second:
        assert first is not second
    with presses.lend() as again:
        assert again in {first, second}
    again.close()


def test_a_press_got_ready_is_the_one_lent(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Press] = []
    there = threading.Event()

    def start(press: Press) -> None:
        started.append(press)
        there.set()

    monkeypatch.setattr(Press, "start", start)
    presses = Presses()
    presses.get_ready()
    assert there.wait(STILL_SECONDS)
    with presses.lend() as press:
        assert [press] == started
