"""What the commands that notify share: the words of a plan, and the letters of a campaign written to a file."""

import threading
from pathlib import Path

import click

from shared.cli.installation import Installation, desk_of, establishment_id
from shared.cli.refusing import refuse
from shared.french import agreed
from shared.models.notifications import Mode
from shared.notifications.campaigns.planning import Plan
from shared.notifications.channels.registry import CHANNELS, PRINTED
from shared.notifications.letters.download import LettersNotReady, NoLetters, assemble_pdf, letters_for, note_download
from shared.notifications.letters.renderer import PRESSES
from shared.notifications.letters.worker import Printer
from shared.notifications.sms.costs import euros, price
from shared.notifications.words import reason_words
from shared.rows.holding import require_nothing_held

WAIT_SECONDS = 1.0

mode_option = click.option(
    "--by",
    "mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.BOTH.value,
    show_default=True,
    help="Par courriel (mail), par courrier (paper), par courrier à qui n'a pas d'adresse e-mail (both), par coupon "
    "remis en classe (coupon), par coupon à qui n'a pas d'adresse e-mail (mail_or_coupon), par SMS (sms), ou par SMS, "
    "à défaut par courrier, à qui n'a pas d'adresse e-mail (mail_sms_or_paper) ; les SMS sont à configurer.",
)
pdf_option = click.option(
    "--pdf",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Préparer les courriers tout de suite et les écrire dans ce fichier.",
)


def get_ready_to_print(installation: Installation, pdf: Path | None, *, done: bool) -> None:
    """Let the renderer load what it needs while the campaign is planned and launched, if letters will be printed.

    Raises:
        WorkHeld: nothing is printed before a restoration is released, and the command would wait for it.
    """
    if done and pdf is not None:
        with installation.database.reading() as session:
            require_nothing_held(session)
        PRESSES.get_ready()


def is_printed(planned: Plan) -> bool:
    """Whether something is to be printed: letters or coupons."""
    return any(planned.of(channel) for channel in PRINTED)


def plan_in_words(planned: Plan, chosen: str) -> list[str]:
    """How many leave by each channel, and who is left aside; `chosen` says of how many."""
    numbers = {
        one.words.noun: planned.of(channel)
        for channel, one in CHANNELS.items()
        if planned.of(channel) or one.is_always_told
    }
    leaving = ", ".join(f"{number} {agreed(number, noun.one, noun.many)}" for noun, number in numbers.items())
    costs = [
        f"  coût : environ {euros(planned.cost(channel))}, à {price(unit)} l'un."
        for channel, unit in planned.prices.items()
        if planned.of(channel)
    ]
    return [
        f"{chosen} : {leaving}.",
        *costs,
        *(
            f"  {skipped} {agreed(skipped, 'laissé', 'laissés')} de côté : {reason_words(reason)}"
            for reason, skipped in planned.skipped_by_reason.items()
        ),
    ]


def end_in_words(planned: Plan, pdf: Path | None, *, done: bool) -> str:
    """Where what was asked for is by now."""
    if not done:
        return "Rien n'est parti. Ajoutez --yes pour notifier."
    unwritten = f" {pdf} n'est pas écrit : il n'y a aucun courrier papier." if pdf is not None else ""
    if not planned.leaving:
        return f"Rien ne part : personne n'est à notifier.{unwritten}"
    if pdf is not None and is_printed(planned):
        return f"Les courriers sont dans {pdf}."
    return f"C'est confié au travail de fond (teleservices worker).{unwritten}"


def write_letters(installation: Installation, uai: str, campaign_id: int, path: Path) -> None:
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
        note_download(desk_of(installation, session, uai), campaign_id, is_head=True)
    return pdf
