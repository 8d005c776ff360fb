"""When the work of a worker is done: at its times, and when it is rung; a queue that is away keeps nothing waiting."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from redis import RedisError

from shared.clock import now
from shared.logs.discretion import what, where
from shared.logs.outage import Outage
from shared.logs.tracing import traced

SWEEP_SECONDS = 60.0
"""How often it is looked whose time has come."""
LONGEST_CATCHING_UP = timedelta(days=1)
"""Of a machine that slept: whatever was due meanwhile is done once."""
QUEUE_AWAY = (RedisError, sqlite3.Error, OSError)
SECONDS_BEFORE_ASKING_AGAIN = (1.0, 2.0, 5.0, 10.0)

IsDue = Callable[[datetime], bool]

log = logging.getLogger(__name__)


class Bell(Protocol):
    """Where others ring."""

    def next_kind(self) -> str | None:
        """The kind of work rung for next, after a moment; none when nobody rang."""


class Post(threading.Thread):
    """One kind of work and the thread that does it: rung meanwhile, it looks once more before it rests.

    It outlives whatever happens to its work. A failure is told once, and again when it is another one.
    """

    def __init__(self, kind: str, work: Callable[[], object], stopping: threading.Event) -> None:
        super().__init__(name=kind, daemon=True)
        self._kind = kind
        self._work = work
        self._stopping = stopping
        self._rung = threading.Event()
        self._failure = ""
        self._failures = 0

    def ring(self) -> None:
        """Ask it to look for what is due."""
        self._rung.set()

    def run(self) -> None:
        """Work each time it is rung, until it is told to stop."""
        while self._rung.wait() and not self._stopping.is_set():
            self._rung.clear()
            self.do_once()

    def do_once(self) -> None:
        """Do all that is due."""
        with traced(self._kind):
            try:
                self._work()
            except Exception as error:
                # Its message may hold what was being written to a family.
                self._note_failure(where(error))
            else:
                self._note_success()

    def _note_failure(self, failure: str) -> None:
        self._failures += 1
        if failure != self._failure:
            self._failure = failure
            log.error("background work failed: %s: %s", self._kind, failure)

    def _note_success(self) -> None:
        if self._failures:
            log.warning("background work goes on: %s, after %d failures", self._kind, self._failures)
            self._failure, self._failures = "", 0


class Rounds:
    """A post for each kind of work, and the two that ring: the clock, and whoever listens at the queue."""

    def __init__(
        self, work: Mapping[str, Callable[[], object]], due: Mapping[str, IsDue], stopping: threading.Event
    ) -> None:
        self._due = due
        self._stopping = stopping
        self._posts = {kind: Post(kind, do, stopping) for kind, do in work.items()}

    def start(self, bell: Bell, at_start: Collection[str]) -> None:
        """Begin, with what is done at the start."""
        for post in self._posts.values():
            post.start()
        self.ring(at_start)
        threading.Thread(target=self._keep_time, name="clock", daemon=True).start()
        threading.Thread(target=self._listen, args=(bell,), name="bell", daemon=True).start()

    def ring(self, kinds: Collection[str]) -> None:
        """Ask for these kinds of work; others are unknown here, and left."""
        for kind in kinds:
            if kind in self._posts:
                self._posts[kind].ring()

    def stop(self, seconds: float) -> None:
        """Let what is being done end, for so long at most; `stopping` tells it to.

        Whoever is told to stop while they begin has begun only some.
        """
        self._stopping.set()
        self.ring(self._posts)
        last = time.monotonic() + seconds
        for post in filter(Post.is_alive, self._posts.values()):
            post.join(max(0.0, last - time.monotonic()))

    def _keep_time(self) -> None:
        seen = now()
        while not self._stopping.wait(SWEEP_SECONDS):
            until = now()
            self.ring(self._due_between(seen, until))
            seen = until

    def _due_between(self, seen: datetime, until: datetime) -> list[str]:
        minutes = _minutes(max(seen, until - LONGEST_CATCHING_UP), until)
        return [kind for kind, is_due in self._due.items() if any(map(is_due, minutes))]

    def _listen(self, bell: Bell) -> None:
        outage = Outage(log, "the queue", "what is due is looked for every minute")
        tries = 0
        while not self._stopping.is_set():
            try:
                kind = bell.next_kind()
            except QUEUE_AWAY as error:
                outage.failed(what(error))
                waits = SECONDS_BEFORE_ASKING_AGAIN
                self._stopping.wait(waits[min(tries, len(waits) - 1)])
                tries += 1
            else:
                outage.worked()
                tries = 0
                self.ring([] if kind is None else [kind])


def _minutes(after: datetime, until: datetime) -> list[datetime]:
    """The minutes that began since `after`; the present one when none did, or when the clock was set back."""
    minute = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    begun = []
    while minute <= until:
        begun.append(minute)
        minute += timedelta(minutes=1)
    return begun or [until.replace(second=0, microsecond=0)]
