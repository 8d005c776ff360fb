"""Make what lasts as long as the process, and never look for garbage in it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def lasting() -> Iterator[None]:
    """What is loaded and made meanwhile stays: the garbage collector goes through none of it, neither now nor later.

    It would go through all of it several times while it is loaded, a third of the start of the portal, then again
    within some request, and at the end of the process: a third of a second, which whoever typed a command waits for.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
