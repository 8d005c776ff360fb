"""Waiting for other processes: as long as something moves, however slow the machine; never by the clock alone.

A machine that does five things at once takes ten times as long for each. What fails is what stands still.
"""

import os
import subprocess
import time
from collections.abc import Callable

import pytest

STILL_SECONDS = float(os.environ.get("PATIENCE_SECONDS", "300"))
"""Where nothing moves for so long, nobody is at work."""
STILL_MS = STILL_SECONDS * 1000
"""The same, as browsers count: for what a page waits for in the background."""
PAGE_MS = min(STILL_MS, 120_000)
"""For what a page does by itself."""
PAUSE_SECONDS = 0.05


def wait_until(condition: Callable[[], object], what: str, progress: Callable[[], object] = lambda: None) -> None:
    """Wait until `condition` holds; fail when what `progress` tells has stayed the same for `STILL_SECONDS`."""
    seen, since = progress(), time.monotonic()
    while not condition():
        now_so = progress()
        if now_so != seen:
            seen, since = now_so, time.monotonic()
        elif time.monotonic() > since + STILL_SECONDS:
            pytest.fail(f"{what}: nothing moved for {STILL_SECONDS:g} s, and it stands at {seen}")
        time.sleep(PAUSE_SECONDS)


def ended(process: "subprocess.Popen[bytes]") -> int:
    """The exit status of a process that was told to end."""
    try:
        return process.wait(STILL_SECONDS)
    except subprocess.TimeoutExpired:
        pytest.fail(f"{process.args} did not end within {STILL_SECONDS:g} s")
