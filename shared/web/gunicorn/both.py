"""What the two servers have in common. An option of the command line, or of the environment, goes before it."""

import os
from pathlib import Path
from typing import Any

from gunicorn import glogging

from shared.logs.configuration import configure
from shared.web.ports import PortTaken, refuse_a_taken_port
from shared.web.starting import refuse_to_start_in_vain
from shared.web.wrapper import end_with_the_wrapper

__all__ = [
    "control_socket_disable",
    "logger_class",
    "on_starting",
    "reuse_port",
    "worker_class",
    "worker_tmp_dir",
    "workers",
]


class OwnLogs(glogging.Logger):
    """Lets gunicorn write as everything else does."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - as gunicorn calls it
        """Called when it starts, and when it is told to read its settings again."""
        super().setup(cfg)
        configure()
        self.error_log.handlers = []
        self.error_log.propagate = True


worker_class = "shared.web.serving.HurriedWorker"
# Each process with its own queue, which the system fills by turns: from one queue for all, the first process that wakes
# takes what the others could answer sooner.
reuse_port = True
control_socket_disable = True
logger_class = OwnLogs
workers = int(os.environ.get("WEB_CONCURRENCY") or os.cpu_count() or 1)
# gunicorn touches a file every second; in memory where there is such a place, so that a slow disk blocks nothing.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - files without a name


def on_starting(server: Any) -> None:  # noqa: ANN401 - gunicorn's, whose classes carry no types
    """Refuse a port that is taken, and what cannot work; end with `teleservices serve` when that started us."""
    # One that replaces a running one, told by USR2, shares its port on purpose.
    if "GUNICORN_PID" not in os.environ:
        try:
            for address in server.cfg.address:
                if isinstance(address, tuple):
                    refuse_a_taken_port(address[0], address[1], "une autre adresse (--bind)")
        except PortTaken as taken:
            raise SystemExit(str(taken)) from None
    end_with_the_wrapper()
    refuse_to_start_in_vain()
