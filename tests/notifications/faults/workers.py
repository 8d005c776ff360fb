"""Worker processes that start in a moment, under circumstances that a test chooses, and die when it says so.

Each is a process of its own that runs what `teleservices worker` runs. It is forked from a server that has read our
code and opened nothing: fifty starts take seconds rather than minutes.

The clock of a worker goes forward only while it is at nothing: an hour that passes in the middle of a mail, or while it
waits for a database that is away, is another fault than the one under test, and one that no lease survives.
"""

import logging
import multiprocessing
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_double
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from shared.config import Settings
from shared.worker.bells import ring_campaign
from tests.patience import STILL_SECONDS

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.notifications.faults.warm"])


@dataclass(frozen=True)
class Circumstances:
    """What is different from an ordinary day; waits are shortened so that tests need not last as long as they do."""

    smtp_seconds: float = STILL_SECONDS
    """How long it waits for a mail server: one that does nothing wrong, on a machine that is busy, is waited for."""
    longest_pause_seconds: float = 0.1
    """The longest pause between two mails that it makes for a server that says « later »."""
    lock_seconds: float = 30.0
    """How long it waits for a locked database."""
    sweep_seconds: int = 1
    """How often it looks for what is due by itself."""
    file_bytes: int | None = None
    """No file may grow beyond this, as if the disk were full."""
    log: Path | None = None
    """Where it writes its warnings."""


@dataclass
class Worker:
    """One worker process, and its clock."""

    process: BaseProcess
    settings: Settings
    clock: "_Clock"

    @property
    def seconds_ahead(self) -> float:
        """By how much its clock is ahead of ours."""
        return self.clock.ahead.value

    @property
    def waits_for_its_clock(self) -> bool:
        """Whether time is still to pass for it: it ends first what it is at."""
        return self.clock.ahead.value != self.clock.wanted.value

    def let_pass(self, time: timedelta) -> None:
        """Let so much time pass for it once it is at nothing, and ring."""
        self.clock.wanted.value += time.total_seconds()
        ring_campaign(self.settings)

    def set_back(self, time: timedelta) -> None:
        """Set its clock back, whatever it is at."""
        self.clock.wanted.value -= time.total_seconds()
        self.clock.ahead.value = self.clock.wanted.value
        ring_campaign(self.settings)

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.join()

    def stop(self) -> None:
        """As an operator does: it ends what it is at."""
        self.process.terminate()
        self.process.join(STILL_SECONDS)
        assert self.process.exitcode is not None, "the worker did not stop"


@dataclass(frozen=True)
class _Clock:
    """How far ahead of ours a worker's clock is, and is to be; both in seconds, in memory that both processes see."""

    ahead: c_double
    wanted: c_double


class _Turns:
    """Lets time pass between two pieces of work, and pieces of work begin between two passings of time."""

    def __init__(self, clock: _Clock) -> None:
        self._clock = clock
        self._at_work = 0
        self._changed = threading.Condition()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        with self._changed:
            # Who wants to begin while time is to pass waits for those who are at work: they all end.
            self._changed.wait_for(lambda: not self._at_work or not self._is_to_pass())
            if not self._at_work:
                self._clock.ahead.value = self._clock.wanted.value
            self._at_work += 1
        try:
            yield
        finally:
            with self._changed:
                self._at_work -= 1
                self._changed.notify_all()

    def _is_to_pass(self) -> bool:
        return self._clock.ahead.value != self._clock.wanted.value


@contextmanager
def worker(
    settings: Settings, circumstances: Circumstances = Circumstances(), ahead: timedelta = timedelta(0)
) -> Iterator[Worker]:
    """A worker whose clock is `ahead` of ours; killed at the end if it still runs."""
    # No lock: who is killed while holding one never gives it back.
    clock = _Clock(*(_FORKS.RawValue("d", ahead.total_seconds()) for _ in range(2)))
    process = _FORKS.Process(target=_work, args=(settings, circumstances, clock))
    process.start()
    started = Worker(process, settings, clock)
    try:
        yield started
    finally:
        started.kill()


def _work(settings: Settings, circumstances: Circumstances, its_clock: _Clock) -> None:
    from shared import clock, engines

    # Read before the waits are changed: how long a lease leaves for one mail is worked out from the real ones.
    from shared.notifications.mail import smtp, worker  # noqa: F401
    from shared.notifications.outbox import rate_limit
    from shared.worker import rounds, tasks

    class ShiftedClock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz) + timedelta(seconds=its_clock.ahead.value)

    turns = _Turns(its_clock)

    class InTurn(rounds.Post):
        def do_once(self) -> None:
            with turns.at_work():
                super().do_once()

    clock.datetime = ShiftedClock  # type: ignore[misc]
    rounds.Post = InTurn  # type: ignore[misc]
    smtp.TIMEOUT_SECONDS = smtp.SECONDS_PER_MAIL = circumstances.smtp_seconds  # type: ignore[assignment]
    rate_limit.LONGEST_WAIT_SECONDS = circumstances.longest_pause_seconds
    engines.LOCK_WAIT_SECONDS = circumstances.lock_seconds  # type: ignore[assignment]
    rounds.SWEEP_SECONDS = circumstances.sweep_seconds
    if circumstances.log is not None:
        logging.basicConfig(filename=circumstances.log, force=True)
    if circumstances.file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (circumstances.file_bytes, resource.RLIM_INFINITY))
    tasks.run_worker(settings)


def utc_now() -> datetime:
    """Ours, not the worker's."""
    return datetime.now(UTC)
