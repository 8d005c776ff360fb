"""What `teleservices serve` started ends with it, however it ends: `kill -9` leaves it no last word."""

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

WRAPPER = "TELESERVICES_WRAPPER"
"""In the environment of what it starts: the number of its process."""
SECONDS_BETWEEN_LOOKS = 1.0


def end_with_the_wrapper() -> None:
    """Let this process be told to stop (SIGTERM) once the one that started it is gone; nothing when none did."""
    started_by = os.environ.get(WRAPPER, "")
    if started_by.isdigit():
        threading.Thread(target=_watch, args=(int(started_by),), name="wrapper", daemon=True).start()


def _watch(wrapper: int) -> None:
    while _lives(wrapper):
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os.kill(os.getpid(), signal.SIGTERM)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    # One that ended keeps its number until whoever started it has taken note, which may be never.
    with suppress(OSError, IndexError):
        state = Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
        return state not in {"Z", "X"}
    return True
