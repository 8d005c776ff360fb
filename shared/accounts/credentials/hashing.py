"""Hashes passwords beside the threads that answer families, in turns: Argon2id, 19 MiB, 2 passes, 1 lane."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

TOGETHER = 8
"""How many, at most, are hashed before the first of them is answered: the last of eight waits no longer for that."""

Answer = TypeVar("Answer")

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Checked when there is no account, so that the time an answer takes tells nothing.
_NOBODY = _hasher.hash("nobody")


def hash_of(password: str) -> str:
    """The hash of `password`, with a salt of its own; about 20 ms."""
    return _turns(os.getpid()).take(partial(_hasher.hash, password))


def opens(password: str, password_hash: str | None) -> bool:
    """Whether `password` is that of `password_hash`; takes as long where there is none."""
    try:
        return _turns(os.getpid()).take(partial(_hasher.verify, password_hash or _NOBODY, password))
    except (VerificationError, InvalidHashError):
        return False


@dataclass(frozen=True)
class _Hashed:
    """What came of one hash."""

    given: object = None
    raised: BaseException | None = None

    def answer(self, waiting: Future[Any]) -> None:
        """Tell whoever waits for it."""
        if self.raised is None:
            waiting.set_result(self.given)
        else:
            waiting.set_exception(self.raised)


def _hashed(work: Callable[[], object]) -> _Hashed:
    try:
        return _Hashed(work())
    except BaseException as error:
        # Whatever it is, whoever asked is told, and nobody else. It knows the calls that led to it, which hold it too:
        # the page that waits, its form and its transaction would be kept until memory is next looked through.
        return _Hashed(raised=error.with_traceback(None))


class _Turns:
    """Threads that hash, as many as there are cores, and what waits for them.

    More at once would only push each other's 19 MiB out of the caches. A thread keeps what it took: were each one that
    answers families to hash, each would hold 19 MiB for good.

    A hash leaves nothing else in the caches either: the page that goes on after it takes twice its time. Those that
    wait are therefore hashed one after the other, and go on together.
    """

    def __init__(self) -> None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(cores, "passwords")
        self._waiting: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()

    def take(self, work: Callable[[], Answer]) -> Answer:
        """What `work` gives, or raises, once it was done by one of the threads."""
        answer: Future[Answer] = Future()
        self._waiting.put((work, answer))
        self._threads.submit(self._hash_those_who_wait)
        try:
            return answer.result()
        finally:
            # What it raised knows this call, too.
            del answer

    def _hash_those_who_wait(self) -> None:
        for hashed, answer in [(_hashed(work), answer) for work, answer in self._those_who_wait()]:
            hashed.answer(answer)

    def _those_who_wait(self) -> Iterator[tuple[Callable[[], Any], Future[Any]]]:
        # Nobody may be left: another thread has taken two.
        for _ in range(TOGETHER):
            try:
                yield self._waiting.get_nowait()
            except Empty:
                return


@cache
def _turns(_process_id: int) -> _Turns:
    # Of this process: a process that was forked has none of the threads of the one before.
    return _Turns()
