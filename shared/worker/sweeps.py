"""The kinds of background work, as the queue knows them: rung by whoever left some, looked for by the clock."""

import logging
import sqlite3
import time
from collections.abc import Callable

from huey import Huey, crontab
from huey.exceptions import HueyException
from redis import RedisError

from shared.logs.discretion import what
from shared.logs.outage import Outage
from shared.notifications.channels.registry import BELLS

SWEEPS = {
    **{bell: crontab(minute="*") for bell in BELLS},
    "read_uploads": crontab(minute="*"),
    "tell_logouts": crontab(minute="*"),
    "give_sign": crontab(minute="*"),
    "advance_stages": crontab(minute="*/5"),
    "read_bounces": crontab(minute="*"),
    "remove_letters": crontab(minute="17"),
    "run_daily": crontab(hour="3,11", minute="7"),
}
"""The kinds of work, and when all that is due of each is looked for, bell or no bell.

In UTC. A worker has a thread for each, so that none waits behind a long one. What is done daily is tried twice a day,
for machines that are off at night: doing it again changes nothing.
"""
SECONDS_WITHOUT_A_QUEUE = 30.0
"""Before a queue that was away is rung at again: whoever rings waits for it."""

log = logging.getLogger(__name__)


class Bells:
    """What can be rung in the queue; only a worker answers."""

    def __init__(self, queue: Huey) -> None:
        # A queue wants something to call for each name; what answers is `Rounds`.
        self._bells: dict[str, Callable[[], object]] = {kind: queue.task(name=kind)(_not_here) for kind in SWEEPS}
        self._outage = Outage(log, "the queue", "the next sweep will find the work")
        self._tried_at = 0.0

    def ring(self, *kinds: str) -> None:
        """Ask the workers for these kinds of work.

        A queue that cannot be reached is no reason to fail: the sweep finds the rows within a minute. Nobody waits for
        it again before a while.
        """
        if self._outage.seconds is not None and time.monotonic() - self._tried_at < SECONDS_WITHOUT_A_QUEUE:
            return
        self._tried_at = time.monotonic()
        try:
            for kind in kinds:
                self._bells[kind]()
        except (RedisError, sqlite3.Error, HueyException, OSError) as error:
            self._outage.failed(what(error))
        else:
            self._outage.worked()


def _not_here() -> None:
    raise RuntimeError("this process rings the bell and runs nothing: start « teleservices worker »")
