"""Work is done at its times and when it is rung, whatever becomes of the queue."""

import contextlib
import logging
import threading
from datetime import datetime, timedelta

import pytest
from redis import RedisError

from shared.worker import rounds
from shared.worker.rounds import Post, Rounds
from shared.worker.sweeps import SWEEPS
from tests.patience import STILL_SECONDS, wait_until


class Away:
    """A queue that nobody reaches until it is `there`."""

    def __init__(self) -> None:
        self.there = threading.Event()
        self.asked = 0

    def next_kind(self) -> str | None:
        self.asked += 1
        if not self.there.is_set():
            raise RedisError("secret of the connection")
        self.there.wait(0.01)
        return "send_mails"


@pytest.fixture
def stopping() -> threading.Event:
    return threading.Event()


def test_work_rung_while_it_runs_is_looked_at_again(stopping: threading.Event) -> None:
    entered, go_on, turns = threading.Event(), threading.Event(), []

    def work() -> None:
        turns.append(1)
        entered.set()
        go_on.wait(STILL_SECONDS)

    post = Post("send_mails", work, stopping)
    post.start()
    post.ring()
    assert entered.wait(STILL_SECONDS)
    post.ring()
    post.ring()
    assert len(turns) == 1
    go_on.set()
    wait_until(lambda: len(turns) == 2, "it looks once more")
    stopping.set()
    post.ring()
    post.join(STILL_SECONDS)
    assert len(turns) == 2


def test_work_that_fails_is_done_again_and_told_once(
    stopping: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    errors: list[type[Exception]] = [OSError, OSError, OSError, ValueError]

    def work() -> None:
        if errors:
            raise errors.pop(0)

    post = Post("send_mails", work, stopping)
    for _ in range(6):
        post.do_once()
    failed = [one for one in caplog.messages if "failed" in one]
    assert [("OSError" in one, "ValueError" in one) for one in failed] == [(True, False), (False, True)]
    assert caplog.messages[-1] == "background work goes on: send_mails, after 4 failures"
    assert len(caplog.messages) == 3


def test_a_queue_that_is_away_keeps_no_work_waiting_and_is_told_once(
    stopping: threading.Event, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(rounds, "SWEEP_SECONDS", 0.01)
    monkeypatch.setattr(rounds, "SECONDS_BEFORE_ASKING_AGAIN", (0.01,))
    swept: list[int] = []
    queue = Away()
    both = Rounds({"send_mails": lambda: swept.append(1)}, {"send_mails": SWEEPS["send_mails"]}, stopping)
    with caplog.at_level(logging.WARNING):
        both.start(queue, ())
        wait_until(lambda: len(swept) > 5 and queue.asked > 5, "it sweeps", lambda: (len(swept), queue.asked))
        assert [one for one in caplog.messages if "the queue is away: RedisError" in one] == caplog.messages
        queue.there.set()
        wait_until(lambda: "the queue is back" in caplog.text, "the queue is heard again")
    both.stop(STILL_SECONDS)
    assert len(caplog.messages) == 2
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("seen", "until", "due"),
    [
        ("03:05:30", "03:06:31", []),
        ("03:06:31", "03:07:31", ["run_daily"]),
        ("03:07:31", "03:08:31", []),
        ("02:00:00", "05:00:00", ["remove_letters", "run_daily"]),
        ("03:16:59", "03:17:00", ["remove_letters"]),
        ("05:00:00", "04:00:00", []),
    ],
)
def test_what_is_due_is_done_once_even_by_a_machine_that_slept(
    stopping: threading.Event, seen: str, until: str, due: list[str]
) -> None:
    at, then = (datetime.fromisoformat(f"2026-09-01T{one}+00:00") for one in (seen, until))
    always = {kind for kind, is_due in SWEEPS.items() if is_due(then + timedelta(hours=10))} & {"send_mails"}
    found = Rounds({}, SWEEPS, stopping)._due_between(at, then)
    assert always <= set(found)
    assert [kind for kind in found if kind in {"remove_letters", "run_daily"}] == due


def test_whoever_is_told_to_stop_before_all_has_begun_stops(stopping: threading.Event) -> None:
    done: list[int] = []
    some = Rounds({"send_mails": lambda: done.append(1), "run_daily": lambda: done.append(2)}, {}, stopping)
    some._posts["send_mails"].start()
    some.stop(STILL_SECONDS)
    assert not some._posts["send_mails"].is_alive()
    assert done == []


def test_a_machine_that_slept_for_a_year_does_not_count_its_minutes(stopping: threading.Event) -> None:
    at = datetime.fromisoformat("2020-09-01T00:00:00+00:00")
    minutes: list[datetime] = []
    work = Rounds({}, {"run_daily": lambda minute: bool(minutes.append(minute))}, stopping)
    with contextlib.suppress(OverflowError):
        work._due_between(at, at + timedelta(days=2000))
    assert len(minutes) <= 24 * 60 + 1
