"""Processes of their own for work that reads what others wrote, and may hang, swell or die of it.

They are forked from one that has read what such work needs and opened nothing, neither connection nor thread: to read
that takes a second, which whoever waits for a letter or an import would wait for each time.
"""

import multiprocessing
import signal
from collections.abc import Callable

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["shared.notifications.letters.renderer", "shared.notifications.letters.layout", "shared.siecle.uploads.work"]
)

TOLD_TO_STOP = (-signal.SIGTERM, -signal.SIGINT)


class DiedOfIt(Exception):
    """The work ended its process, by what it took or by what it did; nothing is known of how far it came."""


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
