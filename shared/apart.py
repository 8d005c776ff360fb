"""Processes of their own for work that reads what others wrote, and may hang, swell or die of it.

They are forked from one that has read what such work needs and opened nothing, neither connection nor thread: to read
that takes a second, which whoever waits for a letter or an import would wait for each time.
"""

import logging
import math
import multiprocessing
import resource
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any

from shared.logs.discretion import what

FORKS = multiprocessing.get_context("forkserver")
LETTERS = ("shared.notifications.letters.loaded_first",)
IMPORTS = ("shared.siecle.uploads.work",)


def load_first(*modules: str) -> None:
    """What the one that others are forked from reads; to be called before anything is done apart."""
    FORKS.set_forkserver_preload([*modules])


# A command that writes letters, and the back office, import nothing apart.
load_first(*LETTERS)


def begin_to_load() -> None:
    """Let that one begin to read, without waiting for it: whoever knows early that work apart will come."""
    forkserver.ensure_running()


log = logging.getLogger(__name__)

STARTS_WITHIN = 300.0
"""Seconds that a process may take until it is there, on the slowest machine; of one that never is, somebody hears."""
TOLD_TO_STOP = (-signal.SIGTERM, -signal.SIGINT)


class DiedOfIt(Exception):
    """The work ended its process, by what it took or by what it did; nothing is known of how far it came."""


class TookTooLong(Exception):
    """The work was given all the time of a processor that it may take, or hung; its process was killed."""


def work_apart(work: Callable[..., object], *arguments: object) -> None:
    """Do `work` in a process of its own, and wait for it.

    A process that is told to stop, as the machine goes down, ends without a word: what it did not finish is found again
    by whoever looks for work. If this process dies the other one goes on.

    Raises:
        DiedOfIt: it was killed, by a limit of its own or by the system.
    """
    process = FORKS.Process(target=work, args=arguments, daemon=True)
    process.start()
    process.join()
    if process.exitcode is not None and process.exitcode < 0 and process.exitcode not in TOLD_TO_STOP:
        raise DiedOfIt(signal.Signals(-process.exitcode).name)


class KeptProcess:
    """A process of its own for one piece of work after the other, killed with what takes too long.

    Pieces and what they give go through a pipe, in memory. It ends with whoever started it.
    """

    def __init__(self, most: int, prepare: Callable[[], None] | None = None) -> None:
        """`most` is how many pieces of work are done before another process takes over; `prepare` runs in it first."""
        self._most = most
        self._prepare = prepare
        self._lock = threading.Lock()
        self._process: ForkServerProcess | None = None
        self._pipe: Connection[Any, Any] | None = None
        self._done = 0

    def start(self) -> None:
        """Have the process there, so that the next piece of work does not wait for its start."""
        with self._lock:
            try:
                self._ready()
            except (EOFError, OSError) as error:
                self._kill()
                log.warning("a process for work apart did not begin: %s", what(error))

    def do(self, work: Callable[[Any], Any], given: object, seconds: float, *, longest: float | None = None) -> Any:  # noqa: ANN401 - what `work` gives
        """What `work` makes of `given`, or raises; one piece at a time.

        It may take `seconds` of a processor, rounded up, and is waited for as long as `longest`, by default no longer:
        a machine that has much else to do takes its time, and makes no work of another kind of it.

        Raises:
            TookTooLong: it took more, and was killed.
            DiedOfIt: the process ended meanwhile.
        """
        with self._lock:
            try:
                pipe = self._ready()
                self._done += 1
                pipe.send((work, given, seconds))
                if not pipe.poll(seconds if longest is None else longest):
                    raise TookTooLong
                went_well, result = pipe.recv()
            except (EOFError, OSError):
                process = self._process
                self._kill()
                if process is not None and process.exitcode == -signal.SIGXCPU:
                    raise TookTooLong from None
                raise DiedOfIt from None
            except BaseException:
                self._kill()
                raise
        if went_well:
            return result
        raise result

    def close(self) -> None:
        """End the process; the next piece of work starts another one."""
        with self._lock:
            self._kill()

    def _ready(self) -> "Connection[Any, Any]":
        if self._process is not None and (self._done >= self._most or not self._process.is_alive()):
            self._kill()
        if self._pipe is None:
            self._pipe, theirs = FORKS.Pipe()
            self._process = FORKS.Process(target=_work_on, args=(theirs, self._prepare), daemon=True)
            self._process.start()
            # Of its end, this process holds nothing: it sees when the other one is gone.
            theirs.close()
            self._done = 0
            # What it takes to start is not taken from the time of the first piece.
            if not self._pipe.poll(STARTS_WITHIN):
                raise EOFError
            self._pipe.recv()
        return self._pipe

    def _kill(self) -> None:
        process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if process is not None and pipe is not None:
            pipe.close()
            process.kill()
            process.join()


def _work_on(pipe: "Connection[Any, Any]", prepare: Callable[[], None] | None) -> None:
    """What a kept process does, until whoever started it is gone."""
    # Whoever started it is told to stop as well, and lets what is being done end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What ends it for its time would leave its memory in a file, passwords of letters included.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if prepare is not None:
        prepare()
    pipe.send(True)
    while True:
        try:
            work, given, seconds = pipe.recv()
        except EOFError:
            return
        # The system counts whole seconds, of all that the process did.
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + seconds), hard))
        try:
            answer = True, work(given)
        except Exception as error:
            answer = False, error
        pipe.send(answer)
