"""`notify`: says what it would do, and does it when told `--yes`."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from shared.accounts.credentials.key_trial import require_key
from shared.accounts.state_policy import NOTIFIABLE
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
from shared.establishments.divisions import empty_divisions, spelled_as_known
from shared.establishments.letterhead import letterhead_warning
from shared.french import agreed
from shared.models.accounts import AccountState
from shared.models.notifications import Mode
from shared.models.school import Establishment
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.planning import Plan, plan
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.offered import offer_to
from shared.notifications.words import reason_words
from shared.worker.bells import ring_campaign

NOTIFIABLE_STATES = [state.value for state in NOTIFIABLE]


@click.command()
@uai_option()
@click.option("--division", "divisions", multiple=True, metavar="D", help="Division ; plusieurs fois au besoin.")
@click.option("--rank", "ranks", multiple=True, type=click.Choice(["1", "2"]), help="Légal 1 ou Légal 2.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(NOTIFIABLE_STATES),
    default=["not_notified"],
    show_default=True,
    help="État des comptes ; plusieurs fois au besoin.",
)
@mode_option
@pdf_option
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
    get_ready_to_print(installation, pdf, done=yes)
    typed = Criteria(
        divisions=frozenset(divisions),
        ranks=frozenset(int(rank) for rank in ranks),
        states=frozenset(AccountState(state) for state in states),
    )
    criteria, planned, warnings = _plan(installation, uai, typed, Mode(mode))
    # Without anybody, there is no campaign to speak of.
    if yes and planned.selected:
        with installation.database.reading() as session:
            require_key(session, installation.sealer)
        campaign_id = _launch(installation, uai, criteria, Mode(mode))
        if pdf is not None and is_printed(planned):
            write_letters(installation, uai, campaign_id, pdf)
    spoken = [f"Attention : {warning}" for warning in warnings]
    answer(as_json, _as_data(planned, warnings), [*spoken, *_in_words(planned, pdf, done=yes)])


def _plan(installation: Installation, uai: str, typed: Criteria, mode: Mode) -> tuple[Criteria, Plan, list[str]]:
    """Whom it would reach and how, and what staff should know before."""
    with installation.database.reading() as session:
        school = establishment_id(session, uai)
        criteria = replace(typed, divisions=spelled_as_known(session, school, typed.divisions))
        offer = offer_to(session, installation.settings, school)
        planned = plan(session, school, criteria, mode, installation.today, offer)
        lacking = letterhead_warning(session.get_one(Establishment, school))
        empty = empty_divisions(session, school, criteria.divisions, installation.today)
    return criteria, planned, [*([lacking] if lacking else []), *(f"aucun élève présent en {code}." for code in empty)]


def _as_data(planned: Plan, warnings: Sequence[str]) -> dict[str, object]:
    skipped = [{"identifier": one.identifier, "reason": reason_words(one.reason)} for one in planned.skipped]
    return {"selected": planned.selected, **planned.by_code, "skipped": skipped, "warnings": warnings}


def _launch(installation: Installation, uai: str, criteria: Criteria, mode: Mode) -> int:
    with installation.database.writing() as session:
        desk = desk_of(installation, session, uai)
        offer = offer_to(session, installation.settings, desk.establishment_id)
        campaign = launch(desk, criteria, mode, request_key=secrets.token_hex(16), offer=offer)
        campaign_id = campaign.id
    ring_campaign(installation.settings)
    return campaign_id


def _in_words(planned: Plan, pdf: Path | None, *, done: bool) -> list[str]:
    chosen = f"{planned.selected} {agreed(planned.selected, 'compte sélectionné', 'comptes sélectionnés')}"
    return [*plan_in_words(planned, chosen), end_in_words(planned, pdf, done=done)]
