"""Campaigns: the rows of a notification, written before anything leaves, once for each confirmation (R15–R18)."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.database import insert_or
from shared.french import agreed
from shared.models.accounts import AccountKind
from shared.models.journal import Action
from shared.models.notifications import Campaign, DeliveryState, Mode, Notification
from shared.models.school import Establishment
from shared.notifications.campaigns.planning import Decision, Plan, plan
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.campaigns.unreached import Outcome
from shared.notifications.channels.registry import NOTHING_MORE, ROUTES, Offer
from shared.rows.ownership import RowsOfSchools

TITLE_CHARACTERS = 200
DIVISIONS_IN_TITLE = 6


class CampaignNotFound(Exception):
    """There is no such campaign in this establishment."""

    def __init__(self) -> None:
        super().__init__("Cette notification n'existe pas dans cet établissement.")


_CAMPAIGNS = RowsOfSchools(Campaign, CampaignNotFound)


def find_campaign(session: Session, establishment_id: int, campaign_id: int) -> Campaign:
    """The campaign, if it is one of this establishment.

    Raises:
        CampaignNotFound: it is not, or there is none.
    """
    return _CAMPAIGNS.find(session, establishment_id, campaign_id)


def lock_campaign(session: Session, establishment_id: int, campaign_id: int) -> Campaign:
    """The campaign as it is now, and nobody else's to change until the transaction ends.

    To be called before any row of it is locked, so that two people at once wait for each other and no more.

    Raises:
        CampaignNotFound: it is another establishment's, or there is none.
    """
    return _CAMPAIGNS.lock(session, establishment_id, campaign_id)


def launched_with(session: Session, establishment_id: int, request_key: str) -> Campaign | None:
    """The campaign that this confirmation made already, if it is one of this establishment."""
    return session.scalars(
        select(Campaign).where(Campaign.request_key == request_key, Campaign.establishment_id == establishment_id)
    ).one_or_none()


def launch(desk: Desk, criteria: Criteria, mode: Mode, *, request_key: str, offer: Offer = NOTHING_MORE) -> Campaign:
    """Write the rows of one campaign; the worker sends them once the caller has committed.

    `request_key` was drawn when the confirmation was shown: the same one twice makes one campaign, and returns it. Two
    confirmations, in two tabs, make two campaigns; what waits in the first is skipped in the second. `offer` is what
    the installation notifies by.

    Raises:
        ModeNotOffered: it does not notify so.
        UnknownDivision: a division of the criteria is not one of the establishment.
        CampaignNotFound: `request_key` is that of another establishment's campaign.
    """
    wait_for_other_launches(desk.session, desk.establishment_id)
    planned = plan(desk.session, desk.establishment_id, criteria, mode, desk.today, offer)
    told = {"title": title_of(criteria, mode, planned), "criteria": criteria.as_json()}
    return write_campaign(desk, planned, {"request_key": request_key, "mode": mode, **told})


def wait_for_other_launches(session: Session, establishment_id: int) -> None:
    """One at a time in a school: the second sees what the first is about to send."""
    session.execute(
        select(Establishment.id).where(Establishment.id == establishment_id).with_for_update(key_share=True)
    )


def write_campaign(desk: Desk, planned: Plan, columns: dict[str, Any]) -> Campaign:
    """Write what was planned as the rows of a campaign, and tell the journal; or return the one of before.

    `columns` are those of the campaign that whoever launches it chooses, `request_key` among them; its author is who is
    at the desk unless they say otherwise.

    Raises:
        CampaignNotFound: the request key is that of another establishment's campaign.
    """
    finished_at = None if planned.leaving else desk.now
    asked = {"staff_id": desk.staff_id, "created_at": desk.now, "finished_at": finished_at}
    campaign_id = desk.session.scalar(
        insert_or(desk.session, Campaign)
        .values(establishment_id=desk.establishment_id, **{**asked, **columns})
        .on_conflict_do_nothing(index_elements=[Campaign.request_key])
        .returning(Campaign.id)
    )
    if campaign_id is None:
        return _launched_before(desk.session, desk.establishment_id, columns["request_key"])
    _write_rows(desk.session, desk.establishment_id, campaign_id, planned, desk.now)
    campaign = desk.session.get_one(Campaign, campaign_id)
    details = {"campaign": campaign.id, **planned.by_code, "skipped": planned.skipped_by_reason}
    desk.note(Action.CAMPAIGN_LAUNCHED, subject=campaign.title, details=details)
    return campaign


def _launched_before(session: Session, establishment_id: int, request_key: str) -> Campaign:
    campaign = session.scalars(select(Campaign).where(Campaign.request_key == request_key)).one()
    return find_campaign(session, establishment_id, campaign.id)


def _write_rows(session: Session, establishment_id: int, campaign_id: int, planned: Plan, now: datetime) -> None:
    common = {"campaign_id": campaign_id, "establishment_id": establishment_id, "attempts": 0}
    rows = [
        {**common, **_columns(decision, now), "position": position}
        for position, decision in enumerate(planned.decisions, start=1)
    ]
    if rows:
        session.execute(insert(Notification), rows)


def _columns(decision: Decision, now: datetime) -> dict[str, object]:
    return {
        "account_id": decision.account_id,
        "tie_id": decision.tie_id,
        "guardian_id": decision.guardian_id,
        "student_id": decision.student_id,
        "channel": decision.channel,
        "recipient": decision.recipient,
        "delivery": DeliveryState.SKIPPED if decision.skipped else DeliveryState.TO_SEND,
        "error": decision.skipped,
        "next_attempt_at": None if decision.skipped else now,
        "settled_at": now if decision.skipped else None,
    }


def title_of(criteria: Criteria, mode: Mode, planned: Plan) -> str:
    """A few French words that tell one campaign from another in a list."""
    return f"{who_is(criteria, planned)} – {ROUTES[mode].title}"[:TITLE_CHARACTERS]


def who_is(criteria: Criteria, planned: Plan) -> str:
    """Whom a campaign is about, in a few French words."""
    if len(criteria.account_ids) == 1 and planned.selected == 1:
        return planned.decisions[0].identifier
    return " – ".join(filter(None, (_people(criteria), _places(criteria))))


def _people(criteria: Criteria) -> str:
    if criteria.kind is AccountKind.STUDENT:
        return "Élèves"
    ranks = " et ".join(str(rank) for rank in sorted(criteria.ranks))
    return f"Responsables (Légal {ranks})" if ranks else "Responsables"


_MISSED = {
    Outcome.FAILED: "après un échec",
    Outcome.LEFT_ASIDE: "sans adresse électronique",
    Outcome.EXPIRED: "courriers supprimés",
    Outcome.RETURNED: "courriers revenus",
}


def _places(criteria: Criteria) -> str:
    if criteria.among:
        return _MISSED[criteria.among.outcome]
    if not criteria.divisions:
        return "toutes les divisions"
    codes = sorted(criteria.divisions)
    others = len(codes) - DIVISIONS_IN_TITLE
    more = f" et {others} {agreed(others, 'autre')}" if others > 0 else ""
    return ", ".join(codes[:DIVISIONS_IN_TITLE]) + more
