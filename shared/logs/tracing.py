"""A number for each request, command and piece of background work, on every line that is logged meanwhile."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

NOTHING = "-"
_TRACE = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("trace", default=NOTHING)


def current_trace() -> str:
    """The number of what this thread is at; a hyphen when it is at nothing in particular."""
    return _current.get()


def begin_trace(given: str | None = None) -> str:
    """Number what begins now in this thread: as `given` by a relay, when that is a number at all, or else by itself."""
    trace = given if given is not None and _TRACE.fullmatch(given) else secrets.token_hex(8)
    _current.set(trace)
    return trace


@contextmanager
def traced(kind: str) -> Iterator[None]:
    """Number what is done in the block, with the name of its kind in front."""
    before = _current.set(f"{kind}-{secrets.token_hex(4)}")
    try:
        yield
    finally:
        _current.reset(before)
