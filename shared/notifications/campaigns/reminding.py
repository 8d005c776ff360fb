"""The reminder « vous avez déjà un compte »: all that a school may send of an account elsewhere (R4).

It names no identifier and no password, and goes to the address of the school's own base: the account's is none of its
business. The same person gets one in `TIME_BETWEEN_REMINDERS` at most.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, exists, literal

from shared.accounts.directory.holds import REASONS, child_is_held, is_held
from shared.accounts.directory.waiting_ties import waiting_fiches
from shared.accounts.populations import GUARDIANS, Population
from shared.acting.desk import Desk
from shared.models.access.ties import AccountTie
from shared.models.notifications import Campaign, DeliveryState, Mode, Notification
from shared.models.reasons import Reason
from shared.notifications.campaigns.launching import (
    launched_with,
    wait_for_other_launches,
    write_campaign,
)
from shared.notifications.campaigns.planning import Decision, Plan
from shared.notifications.channels.channel import Known
from shared.notifications.channels.known_addresses import addresses_of, known_addresses
from shared.notifications.channels.registry import NOTHING_MORE, ROUTES, Offer, reached

TIME_BETWEEN_REMINDERS = timedelta(days=30)


def plan_reminders(
    desk: Desk, population: Population, mode: Mode, *, fiche_id: int | None = None, offer: Offer = NOTHING_MORE
) -> Plan:
    """What reminding the fiches that wait would do, or the one numbered `fiche_id`, changing nothing; three queries.

    Raises:
        ModeNotOffered: the installation does not notify so.
    """
    offer.require(mode)
    rows = desk.session.execute(_wanted(desk.establishment_id, population, desk.now, desk.today, fiche_id)).all()
    known = known_addresses(desk.session, desk.establishment_id, mode, offer)
    # Two fiches of one person are reminded once, at the address that there is.
    once: dict[int, Any] = {}
    for row in rows:
        told = once.setdefault(row.AccountTie.id, row)
        if not told[0].email and row[0].email:
            once[row.AccountTie.id] = row
    return Plan([_decide(row, population, mode, known) for row in once.values()], offer.prices)


def launch_reminders(
    desk: Desk,
    population: Population,
    mode: Mode,
    *,
    request_key: str,
    fiche_id: int | None = None,
    offer: Offer = NOTHING_MORE,
) -> Campaign:
    """Write the reminders as a campaign; the worker sends them once the caller has committed.

    `request_key` was drawn when the confirmation was shown: the same one twice makes one campaign, and returns it.

    Raises:
        ModeNotOffered: the installation does not notify so.
        CampaignNotFound: `request_key` is that of another establishment's campaign.
    """
    wait_for_other_launches(desk.session, desk.establishment_id)
    if (before := launched_with(desk.session, desk.establishment_id, request_key)) is not None:
        return before
    planned = plan_reminders(desk, population, mode, fiche_id=fiche_id, offer=offer)
    told = {
        "title": f"Rappel « vous avez déjà un compte » – {ROUTES[mode].title}",
        "criteria": {"kind": population.kind.value, "reminder": True},
    }
    return write_campaign(desk, planned, {"request_key": request_key, "mode": mode, **told})


def _decide(row: Row[Any], population: Population, mode: Mode, known: Known) -> Decision:
    fiche = row[0]
    one, reach = reached(addresses_of(fiche), mode, known)
    is_guardian = population is GUARDIANS
    return Decision(
        account_id=None,
        identifier=fiche.full_name,
        guardian_id=fiche.id if is_guardian else None,
        student_id=None if is_guardian else fiche.id,
        channel=one.channel,
        recipient=reach.recipient,
        skipped=_why_not(row) or reach.why_not,
        tie_id=row.AccountTie.id,
    )


def _why_not(row: Row[Any]) -> Reason | None:
    if row.is_held:
        return REASONS[row[0].hold]
    if row.child_is_held:
        return Reason.HELD_CHILD_DECEASED
    return Reason.REMINDED if row.was_reminded else None


def _wanted(
    establishment_id: int, population: Population, now: datetime, today: date, fiche_id: int | None
) -> Select[Any]:
    fiche: Any = population.fiche
    reminded = exists().where(
        Notification.tie_id == AccountTie.id,
        Notification.delivery.not_in((DeliveryState.SKIPPED, DeliveryState.REFUSED)),
        Notification.campaign_id == Campaign.id,
        Campaign.created_at > now - TIME_BETWEEN_REMINDERS,
        Campaign.cancelled_at.is_(None),
    )
    wanted = waiting_fiches(establishment_id, population, today).add_columns(
        is_held(fiche).label("is_held"),
        (child_is_held(fiche, today) if population is GUARDIANS else literal(False)).label("child_is_held"),
        reminded.label("was_reminded"),
    )
    if fiche_id is not None:
        wanted = wanted.where(fiche.id == fiche_id)
    return wanted.order_by(fiche.name_key, fiche.id)
