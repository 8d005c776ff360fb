"""An answer that takes the same time whatever was found: what it cost to find says nothing to whoever asks (R10)."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep


@contextmanager
def no_sooner_than(seconds: float) -> Iterator[None]:
    """Do something, and wait until `seconds` have passed since the beginning."""
    begun = monotonic()
    yield
    left = begun + seconds - monotonic()
    if left > 0:
        sleep(left)
