"""What is done in the background: `worker`, and for cron `expire`, `retention`, `daily`."""

from collections.abc import Iterator, Mapping

import click

from shared.cli.installation import Installation, answer, json_option, pass_installation, warn_of_a_lost_key
from shared.demo.mailbox import wait_for_mailbox
from shared.french import agreed, count, number
from shared.journal import COMMAND
from shared.logs.configuration import configure
from shared.models.accounts import ErasureReason
from shared.retention.night import WhatComes, keep_no_longer, what_comes
from shared.web.wrapper import end_with_the_wrapper
from shared.worker.bells import ring_mails
from shared.worker.daily import expire_due, run_daily
from shared.worker.tasks import run_worker

WHY_ERASED = {
    ErasureReason.UNUSED: "personne ne s'y connecte plus",
    ErasureReason.WITHOUT_FICHE: "aucune fiche ne le porte plus",
}


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


@click.command()
@click.option("--dry-run", is_flag=True, help="Ne rien effacer : dire ce qui le sera, et quand.")
@json_option
@pass_installation
def retention(installation: Installation, dry_run: bool, as_json: bool) -> None:
    """Effacer ce dont la durée de conservation est passée ; avec --dry-run, dire seulement ce qui vient."""
    settings, today = installation.settings, installation.today
    if not dry_run:
        done = keep_no_longer(installation.database, settings, installation.now, today)
        ring_mails(settings)
        answer(as_json, done, _erased_in_words(done))
        return
    with installation.database.reading() as session:
        coming = what_comes(session, settings, today)
    result = {"fiches": list(map(vars, coming.fiches)), "accounts": list(map(vars, coming.accounts))}
    answer(as_json, result, _coming_in_words(coming))


def _erased_in_words(done: Mapping[str, int]) -> Iterator[str]:
    yield (
        f"Effacés : {count(done['students'], 'élève')}, {count(done['guardians'], 'responsable')}, "
        f"{count(done['accounts'], 'compte')}."
    )
    yield f"{count(done['announced'], 'effacement annoncé', 'effacements annoncés')} pour dans trente jours."


def _coming_in_words(coming: WhatComes) -> Iterator[str]:
    for one in coming.fiches:
        yield (
            f"{one.uai} : {count(one.students, 'fiche')} d'élèves et {count(one.guardians, 'fiche')} de responsables, "
            f"dont la durée est passée ; dans trente jours {number(one.students_soon)} et {number(one.guardians_soon)}"
        )
    for account in coming.accounts:
        said = "annoncé" if account.is_announced else "à annoncer"
        yield f"{account.identifier} : {WHY_ERASED[account.reason]}, effacé le {account.due_on:%d/%m/%Y} ({said})"
    if not coming.fiches and not coming.accounts:
        yield "Rien n'est à effacer."
