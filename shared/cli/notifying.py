"""`notify`: says what it would do, and does it when told `--yes`."""

import secrets
import threading
from pathlib import Path

import click

from shared.accounts.credentials.key_trial import require_key
from shared.accounts.state_policy import NOTIFIABLE
from shared.cli.program import (
    Installation,
    answer,
    establishment_id,
    json_option,
    pass_installation,
    refuse,
    uai_option,
)
from shared.establishments.divisions import spelled_as_known
from shared.establishments.letterhead import letterhead_warning
from shared.french import agreed
from shared.journal import COMMAND
from shared.models.accounts import AccountState
from shared.models.notifications import Channel, Mode
from shared.models.school import Establishment
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.planning import Plan, plan
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import CHANNELS
from shared.notifications.letters.download import LettersNotReady, NoLetters, assemble_pdf, letters_for, note_download
from shared.notifications.letters.worker import Printer
from shared.notifications.words import reason_words
from shared.worker.tasks import ring_campaign

WAIT_SECONDS = 1.0
NOTIFIABLE_STATES = [state.value for state in NOTIFIABLE]


@click.command()
@uai_option()
@click.option("--division", "divisions", multiple=True, metavar="D", help="Division ; plusieurs fois au besoin.")
@click.option("--rank", "ranks", multiple=True, type=click.Choice(["1", "2"]), help="Légal 1 ou Légal 2.")
@click.option("--state", "states", multiple=True, type=click.Choice(NOTIFIABLE_STATES), default=["not_notified"])
@click.option(
    "--by", "mode", type=click.Choice([mode.value for mode in Mode]), default=Mode.BOTH.value, show_default=True
)
@click.option(
    "--pdf",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Préparer les courriers tout de suite et les écrire dans ce fichier.",
)
@click.option("--yes", is_flag=True, help="Notifier vraiment.")
@json_option
@pass_installation
def notify(
    installation: Installation,
    uai: str,
    divisions: tuple[str, ...],
    ranks: tuple[str, ...],
    states: tuple[str, ...],
    mode: str,
    pdf: Path | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Notifier les comptes de responsables ; sans --yes, dire seulement ce qui serait fait."""
    installation.settings.require_secrets()
    with installation.database.reading() as session:
        school = establishment_id(session, uai)
        criteria = Criteria(
            divisions=spelled_as_known(session, school, divisions),
            ranks=frozenset(int(rank) for rank in ranks),
            states=frozenset(AccountState(state) for state in states),
        )
        planned = plan(session, school, criteria, Mode(mode), installation.today)
        lacking = letterhead_warning(session.get_one(Establishment, school))
    if yes:
        with installation.database.reading() as session:
            require_key(session, installation.sealer)
        campaign_id = _launch(installation, uai, criteria, Mode(mode))
        if pdf is not None and planned.of(Channel.PAPER):
            _write_letters(installation, uai, campaign_id, pdf)
    result = {
        "selected": planned.selected,
        **planned.by_code,
        "skipped": [{"identifier": one.identifier, "reason": reason_words(one.reason)} for one in planned.skipped],
        "warnings": [lacking] if lacking else [],
    }
    warnings = [f"Attention : {lacking}"] if lacking else []
    answer(as_json, result, [*warnings, *_in_words(planned, pdf, done=yes)])


def _launch(installation: Installation, uai: str, criteria: Criteria, mode: Mode) -> int:
    with installation.database.writing() as session:
        campaign = launch(
            session,
            establishment_id(session, uai),
            criteria,
            mode,
            staff_id=None,
            request_key=secrets.token_hex(16),
            now=installation.now,
            today=installation.today,
            actor=COMMAND,
        )
        campaign_id = campaign.id
    ring_campaign(installation.settings)
    return campaign_id


def _write_letters(installation: Installation, uai: str, campaign_id: int, path: Path) -> None:
    """Print here what no worker has taken, wait for what one has, and write the PDF, readable by its owner only."""
    patience = threading.Event()
    printer = Printer(installation.database, installation.settings, patience)
    while True:
        printer.print_due(campaign_id)
        try:
            content = _download(installation, uai, campaign_id)
        except LettersNotReady:
            patience.wait(WAIT_SECONDS)
        except NoLetters as refused:
            refuse(str(refused))
        else:
            break
    try:
        _write_whole(path, content)
    except OSError as error:
        refuse(
            f"Les courriers sont prêts mais {path} n'a pas pu être écrit ({error.strerror}). "
            "Faites de la place, puis téléchargez-les dans l'administration, « Notifications faites », avant 24 heures."
        )


def _write_whole(path: Path, content: bytes) -> None:
    """Readable by its owner only; nothing is left of a file that could not be written to its end."""
    existed = path.exists()
    try:
        path.touch(mode=0o600)
        path.write_bytes(content)
    except OSError:
        if not existed:
            path.unlink(missing_ok=True)
        raise


def _download(installation: Installation, uai: str, campaign_id: int) -> bytes:
    with installation.database.reading() as session:
        school = establishment_id(session, uai)
        letters_for(session, campaign_id, school, None, is_head=True, now=installation.now)
    pdf = assemble_pdf(installation.database, campaign_id, installation.sealer)
    with installation.database.writing() as session:
        note_download(session, campaign_id, school, None, is_head=True, now=installation.now, actor=COMMAND)
    return pdf


def _by_channel(planned: Plan) -> str:
    numbers = {one.words.noun: planned.of(channel) for channel, one in CHANNELS.items()}
    return ", ".join(f"{number} {agreed(number, noun.one, noun.many)}" for noun, number in numbers.items())


def _in_words(planned: Plan, pdf: Path | None, *, done: bool) -> list[str]:
    lines = [
        f"{planned.selected} {agreed(planned.selected, 'compte sélectionné', 'comptes sélectionnés')} : "
        f"{_by_channel(planned)}."
    ]
    for reason, skipped in planned.skipped_by_reason.items():
        lines.append(f"  {skipped} {agreed(skipped, 'laissé', 'laissés')} de côté : {reason_words(reason)}")
    if not done:
        return [*lines, "Rien n'est parti. Ajoutez --yes pour notifier."]
    if pdf is not None and planned.of(Channel.PAPER):
        return [*lines, f"Les courriers sont dans {pdf}."]
    return [*lines, "C'est confié au travail de fond (teleservices worker)."]
