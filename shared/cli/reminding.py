"""`remind`: tells those who wait that they have an account already (R4); says what it would do without `--yes`."""

import secrets
from pathlib import Path

import click

from shared.accounts.populations import GUARDIANS, STUDENTS, Population
from shared.cli.installation import (
    Installation,
    answer,
    desk_of,
    establishment_id,
    json_option,
    pass_installation,
    uai_option,
)
from shared.cli.sending import (
    end_in_words,
    get_ready_to_print,
    is_printed,
    mode_option,
    pdf_option,
    plan_in_words,
    write_letters,
)
from shared.establishments.letterhead import letterhead_warning
from shared.french import agreed
from shared.models.notifications import Mode
from shared.models.school import Establishment
from shared.notifications.campaigns.reminding import launch_reminders, plan_reminders
from shared.notifications.channels.offered import offer_to
from shared.notifications.words import reason_words
from shared.worker.bells import ring_campaign


@click.command()
@uai_option()
@click.option("--students", is_flag=True, help="Les élèves, au lieu des responsables.")
@mode_option
@pdf_option
@click.option("--yes", is_flag=True, help="Rappeler vraiment.")
@json_option
@pass_installation
def remind(
    installation: Installation, uai: str, students: bool, mode: str, pdf: Path | None, yes: bool, as_json: bool
) -> None:
    """Rappeler « vous avez déjà un compte » à qui attend ; sans --yes, dire seulement ce qui serait fait."""
    installation.settings.require_secrets()
    get_ready_to_print(installation, pdf, done=yes)
    population = STUDENTS if students else GUARDIANS
    with installation.database.reading() as session:
        school = establishment_id(session, uai)
        offer = offer_to(session, installation.settings, school)
        planned = plan_reminders(desk_of(installation, session, uai), population, Mode(mode), offer=offer)
        lacking = letterhead_warning(session.get_one(Establishment, school))
    if yes and planned.selected:
        campaign_id = _launch(installation, uai, population, Mode(mode))
        if pdf is not None and is_printed(planned):
            write_letters(installation, uai, campaign_id, pdf)
    result = {
        "selected": planned.selected,
        **planned.by_code,
        # The identifier is none of this establishment's business: a fiche has a name.
        "skipped": [{"name": one.identifier, "reason": reason_words(one.reason)} for one in planned.skipped],
        "warnings": [lacking] if lacking else [],
    }
    waiting = f"{planned.selected} {agreed(planned.selected, 'personne attend', 'personnes attendent')}"
    words = [*plan_in_words(planned, waiting), end_in_words(planned, pdf, done=yes)]
    answer(as_json, result, [*([f"Attention : {lacking}"] if lacking else []), *words])


def _launch(installation: Installation, uai: str, population: Population, mode: Mode) -> int:
    with installation.database.writing() as session:
        desk = desk_of(installation, session, uai)
        offer = offer_to(session, installation.settings, desk.establishment_id)
        campaign = launch_reminders(desk, population, mode, request_key=secrets.token_hex(16), offer=offer)
        campaign_id = campaign.id
    ring_campaign(installation.settings)
    return campaign_id
