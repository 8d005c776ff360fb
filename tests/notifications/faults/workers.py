"""Worker processes that start in a moment, under circumstances that a test chooses, and die when it says so.

Each is a process of its own that runs what `teleservices worker` runs. It is forked from a server that has read our
code and opened nothing: fifty starts take seconds rather than minutes.
"""

import logging
import multiprocessing
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_double
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from shared.config import Settings
from shared.jobs import ring_campaign

PATIENCE_SECONDS = 60
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.notifications.faults.warm"])


@dataclass(frozen=True)
class Circumstances:
    """What is different from an ordinary day; waits are shortened so that tests need not last as long as they do."""

    smtp_seconds: float = 20.0
    """How long it waits for a mail server."""
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
    seconds_ahead: c_double

    def let_pass(self, time: timedelta) -> None:
        """Set its clock, forward or back, and ring."""
        self.seconds_ahead.value += time.total_seconds()
        ring_campaign(self.settings)

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.join(PATIENCE_SECONDS)

    def stop(self) -> None:
        """As an operator does: it ends what it is at."""
        self.process.terminate()
        self.process.join(PATIENCE_SECONDS)


@contextmanager
def worker(
    settings: Settings, circumstances: Circumstances = Circumstances(), ahead: timedelta = timedelta(0)
) -> Iterator[Worker]:
    """A worker whose clock is `ahead` of ours; killed at the end if it still runs."""
    # No lock: who is killed while holding one never gives it back.
    seconds_ahead = _FORKS.RawValue("d", ahead.total_seconds())
    process = _FORKS.Process(target=_work, args=(settings, circumstances, seconds_ahead))
    process.start()
    started = Worker(process, settings, seconds_ahead)
    try:
        yield started
    finally:
        started.kill()


def _work(settings: Settings, circumstances: Circumstances, seconds_ahead: c_double) -> None:
    from huey.consumer import Scheduler

    from shared import clock, database, jobs
    from shared.notifications import mail, pace

    class ShiftedClock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz) + timedelta(seconds=seconds_ahead.value)

    clock.datetime = ShiftedClock  # type: ignore[misc]
    mail.TIMEOUT_SECONDS = circumstances.smtp_seconds  # type: ignore[assignment]
    pace.LONGEST_WAIT_SECONDS = circumstances.longest_pause_seconds
    database.LOCK_WAIT_SECONDS = circumstances.lock_seconds  # type: ignore[assignment]
    Scheduler.periodic_task_seconds = circumstances.sweep_seconds
    if circumstances.log is not None:
        logging.basicConfig(filename=circumstances.log, force=True)
    if circumstances.file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (circumstances.file_bytes, resource.RLIM_INFINITY))
    jobs.run_worker(settings)


def utc_now() -> datetime:
    """Ours, not the worker's."""
    return datetime.now(UTC)
