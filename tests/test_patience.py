"""Tests wait for whatever moves, and fail when nothing does."""

import subprocess
import sys

import pytest

from tests import patience
from tests.patience import ended, wait_until


class Clock:
    """Each look at it is ten seconds later, and a pause lasts none."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 10
        return self.now

    def sleep(self, _seconds: float) -> None:
        """No time passes."""


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(patience, "time", clock)
    monkeypatch.setattr(patience, "STILL_SECONDS", 60.0)
    return clock


def test_what_moves_is_waited_for_however_long_it_takes(clock: Clock) -> None:
    steps = iter(range(1000))
    wait_until(lambda: clock.now > 5_000, "it ends", progress=lambda: next(steps))
    assert clock.now > 5_000


def test_what_stands_still_fails_and_says_where(clock: Clock) -> None:
    with pytest.raises(pytest.fail.Exception, match="it ends: nothing moved for 60 s, and it stands at 7 of 9"):
        wait_until(lambda: False, "it ends", progress=lambda: "7 of 9")
    assert clock.now < 200


def test_what_moves_for_a_while_and_then_stands_still_fails(clock: Clock) -> None:
    with pytest.raises(pytest.fail.Exception, match="stands at 20"):
        wait_until(lambda: False, "it ends", progress=lambda: min(20, int(clock.now // 30)))


def test_a_process_is_waited_for_and_its_status_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert ended(subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])) == 3


def test_a_process_that_does_not_end_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "STILL_SECONDS", 0.01)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        try:
            with pytest.raises(pytest.fail.Exception, match="did not end"):
                ended(process)
        finally:
            process.kill()
