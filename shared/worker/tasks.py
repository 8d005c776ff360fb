"""Background work. The rows of our own tables are the truth; the queue only rings the bell.

A task carries no argument: it looks for what is due in the database. A bell that was lost, a queue that was emptied
and a worker that was killed delay work until the next sweep, a minute later, and lose none. Several workers, on several
machines, share the work through the leases of the rows.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from importlib import import_module

from sqlalchemy.exc import DBAPIError

from shared.apart import IMPORTS, LETTERS, load_first
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.logs.discretion import silence_libraries
from shared.notifications.bounces.folder import read_bounces
from shared.notifications.bounces.imap_mailbox import read_mailbox
from shared.notifications.channels.channel import ChannelType
from shared.notifications.channels.registry import BELLS, CHANNELS
from shared.notifications.letters.download import remove_old_letters
from shared.provider.telling import Teller
from shared.rows.holding import WorkHeld
from shared.siecle.uploads.work import due_uploads, work_on_upload_apart
from shared.watching.signs import SignOfLife
from shared.worker.daily import run_daily
from shared.worker.due_steps import advance_stages
from shared.worker.queue import open_queue
from shared.worker.rounds import Rounds
from shared.worker.sweeps import SWEEPS

AT_START = ("give_sign", *BELLS, "advance_stages", "read_uploads", "tell_logouts", "remove_letters")
SHUTDOWN_SECONDS = 20
SIGNAL_SECONDS = 10

log = logging.getLogger(__name__)


class Work:
    """Everything a worker does in the background."""

    def __init__(self, settings: Settings, stopping: threading.Event) -> None:
        self._settings = settings
        self._database = Database(settings.database)
        self._stopping = stopping
        self._sign = SignOfLife(now())
        self.kinds: Mapping[str, Callable[[], object]] = {
            **{one.bell: self._carrier(one) for one in CHANNELS.values()},
            "read_uploads": self._read_uploads,
            "tell_logouts": Teller(self._database, settings, stopping).tell_due,
            "advance_stages": partial(advance_stages, self._database, settings, stopping),
            "read_bounces": self._read_bounces,
            "remove_letters": self._remove_letters,
            "run_daily": self._run_daily,
            "give_sign": self._give_sign,
        }
        """What each kind of work is."""

    def close(self) -> None:
        """Take the sign of life back, where that can be, and let the connections go."""
        with suppress(DBAPIError), self._database.writing() as session:
            self._sign.take_back(session)
        self._database.dispose()

    def _give_sign(self) -> None:
        with self._database.writing() as session:
            self._sign.give(session, now())

    def _carrier(self, one: ChannelType) -> Callable[[], object]:
        """What composes and hands over the notifications of a channel: only the worker imports it."""
        module, path = one.carrier.split(":")
        carrier, method = path.split(".")
        carries = getattr(import_module(module), carrier)(self._database, self._settings, self._stopping)
        work: Callable[[], object] = getattr(carries, method)
        return work

    def _read_bounces(self) -> None:
        read_bounces(self._database, self._settings)
        read_mailbox(self._database, self._settings)

    def _read_uploads(self) -> None:
        for upload_id in due_uploads(self._database, now()):
            if self._stopping.is_set():
                break
            work_on_upload_apart(self._database, self._settings, upload_id)

    def _remove_letters(self) -> None:
        with self._database.writing() as session:
            remove_old_letters(session, now())

    def _run_daily(self) -> None:
        # Who watches is told by `status` that work is held.
        with suppress(WorkHeld):
            run_daily(self._database, self._settings, now())


class _ToldToStop(Exception):
    """SIGTERM or SIGINT came."""


def _stop(_signal: int, _frame: object) -> None:
    raise _ToldToStop


def run_worker(settings: Settings) -> None:
    """Work in the background until the process is told to stop; to be called in its main thread.

    Everything that is due is looked for at the start. SIGTERM and SIGINT let the mail being sent or the lot being
    printed end, and leave the rest to the next worker; a second one ends the process at once.

    Raises:
        ConfigurationError: a secret is missing.
    """
    settings.require_secrets()
    silence_libraries()
    load_first(*LETTERS, *IMPORTS)
    stopping = threading.Event()
    work = Work(settings, stopping)
    rounds = Rounds(work.kinds, SWEEPS, stopping)
    try:
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_number, _stop)
        rounds.start(open_queue(settings), AT_START)
        log.info("the worker is at work")
        while True:
            time.sleep(SIGNAL_SECONDS)
    except _ToldToStop:
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_number, signal.SIG_DFL)
        rounds.stop(SHUTDOWN_SECONDS)
        log.info("the worker stopped as it was told to")
    finally:
        work.close()
