"""What is done in the background: `worker`, and for cron `expire`, `daily`."""

import click

from shared.cli.installation import Installation, answer, json_option, pass_installation, warn_of_a_lost_key
from shared.demo.mailbox import wait_for_mailbox
from shared.french import agreed
from shared.journal import COMMAND
from shared.logs.configuration import configure
from shared.web.wrapper import end_with_the_wrapper
from shared.worker.daily import expire_due, run_daily
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
    end_with_the_wrapper()
    run_worker(settings)


@click.command()
@json_option
@pass_installation
def expire(installation: Installation, as_json: bool) -> None:
    """Effacer les comptes que personne n'a activés en trois mois ; pour cron."""
    erased = expire_due(installation.database, installation.now, installation.today, COMMAND)
    answer(as_json, {"erased": erased}, [f"{erased} {agreed(erased, 'compte effacé', 'comptes effacés')}."])


@click.command()
@json_option
@pass_installation
def daily(installation: Installation, as_json: bool) -> None:
    """Faire le travail de chaque jour : effacements, ménage ; pour cron, sans le travail de fond."""
    run_daily(installation.database, installation.settings, installation.now)
    answer(as_json, {"done": True}, ["Le travail du jour est fait."])
