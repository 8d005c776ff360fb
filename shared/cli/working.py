"""The `worker` command."""

import click

from shared.cli.program import Installation, pass_installation, warn_of_a_lost_key
from shared.demo.mailbox import wait_for_mailbox
from shared.logs.configuration import configure
from shared.worker.tasks import run_worker


@click.command()
@click.option("--after-mailbox", is_flag=True, hidden=True)
@pass_installation
def worker(installation: Installation, after_mailbox: bool) -> None:
    """Travailler en fond : courriels, courriers, imports, travail de chaque jour."""
    warn_of_a_lost_key(installation)
    settings = installation.settings
    if after_mailbox and settings.smtp_host is not None:
        # Both start together: the first mail would meet nobody, and the next one wait for the end of an outage.
        wait_for_mailbox(settings.smtp_host, settings.smtp_port)
    configure()
    run_worker(settings)
