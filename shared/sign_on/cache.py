"""What providers say of themselves, kept in one process: read once in a while, not at each login."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from shared.sign_on.refusals import SignOnRefused

SECONDS_KEPT = 3600
SECONDS_BETWEEN_READINGS = 60
"""A signature by a key that is not known has the keys read anew, but not by whoever sends many of them."""

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass
class Kept(Generic[Key, Value]):
    """What was read, and when."""

    _read: dict[Key, tuple[Value, float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Key, read: Callable[[], Value]) -> Value:
        """What is known under `key`; read with `read`, which takes its time, where that is an hour old.

        Raises:
            SignOnRefused: it cannot be read, and never was.
        """
        known = self._read.get(key)
        if known is not None and time.monotonic() - known[1] < SECONDS_KEPT:
            return known[0]
        try:
            value = read()
        except SignOnRefused:
            # What was read an hour ago is better than nobody coming in while its metadata are away.
            if known is not None:
                return known[0]
            raise
        with self._lock:
            self._read[key] = value, time.monotonic()
        return value

    def is_older_than(self, key: Key, seconds: float) -> bool:
        """Whether something is known under `key`, and was read longer ago."""
        known = self._read.get(key)
        return known is not None and time.monotonic() - known[1] > seconds

    def forget(self, which: Callable[[Key], bool]) -> None:
        """Read these anew the next time."""
        with self._lock:
            for key in [key for key in self._read if which(key)]:
                del self._read[key]
