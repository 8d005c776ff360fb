"""The `teleservices` command: every job of the back office, scriptable and fit for cron."""

from shared.cli.directory import accounts, daily, duplicates, expire, generate_accounts
from shared.cli.notifying import notify
from shared.cli.program import teleservices
from shared.cli.running import demo, mailbox, serve, worker
from shared.cli.school_base import import_, init_db, make_siecle
from shared.cli.staff import create_staff, reset_staff

__all__ = ["main", "teleservices"]

COMMANDS = (
    init_db,
    demo,
    make_siecle,
    import_,
    generate_accounts,
    accounts,
    duplicates,
    notify,
    expire,
    daily,
    create_staff,
    reset_staff,
    worker,
    serve,
    mailbox,
)
for command in COMMANDS:
    teleservices.add_command(command)


def main() -> None:
    """Run the command line."""
    teleservices()
