"""The `teleservices` command: every job of the back office, scriptable and fit for cron."""

import os

from shared.cli.program import teleservices
from shared.logs.configuration import configure
from shared.logs.tracing import begin_trace
from shared.private_files import OURS_ONLY

__all__ = ["main", "teleservices"]

teleservices.homes = {
    "init-db": "school_base:init_db",
    "demo": "demonstration:demo",
    "make-siecle": "school_base:make_siecle",
    "import": "school_base:import_",
    "generate-accounts": "directory:generate_accounts",
    "accounts": "directory:accounts",
    "duplicates": "directory:duplicates",
    "crossed-accounts": "crossed:crossed",
    "notify": "notifying:notify",
    "remind": "reminding:remind",
    "expire": "directory:expire",
    "daily": "directory:daily",
    "create-staff": "staff:create_staff",
    "reset-staff": "staff:reset_staff",
    "journal": "trail:journal",
    "status": "watching:status",
    "check": "watching:check",
    "metrics": "watching:metrics",
    "worker": "working:worker",
    "serve": "serving:serve",
    "mailbox": "serving:mailbox",
}


def main() -> None:
    """Run the command line; what it writes is for its owner alone."""
    os.umask(OURS_ONLY)
    configure(with_news=False)
    begin_trace()
    teleservices()
