"""The `teleservices` command: every job of the back office, scriptable and fit for cron."""

import os

from shared.cli.program import teleservices
from shared.logs.configuration import configure
from shared.logs.tracing import begin_trace
from shared.private_files import OURS_ONLY

__all__ = ["main", "teleservices"]


def main() -> None:
    """Run the command line; what it writes is for its owner alone."""
    os.umask(OURS_ONLY)
    configure(with_news=False)
    begin_trace()
    teleservices()
