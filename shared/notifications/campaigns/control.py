"""Pausing, resuming and cancelling a campaign (R18): what has left has left, and the rest obeys within seconds."""

from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.models.journal import Action
from shared.models.notifications import WAITING, Campaign, Notification
from shared.notifications.campaigns.launching import lock_campaign
from shared.notifications.outbox.leases import finish_campaigns


class CampaignOver(Exception):
    """There is nothing left to pause, to resume or to cancel; the message says so."""

    def __init__(self) -> None:
        super().__init__("Cette notification est terminée : il n'y a plus rien à suspendre ni à annuler.")


def pause(desk: Desk, campaign_id: int) -> Campaign:
    """Let nothing more leave until it is resumed; once paused, nothing changes.

    The lot that a worker holds goes on, for two seconds at most (`LONGEST_LOT`).

    Raises:
        CampaignNotFound: it is another establishment's, or there is none.
        CampaignOver: nothing waits any more.
    """
    campaign = _unfinished(desk.session, desk.establishment_id, campaign_id)
    if campaign.paused_at is None:
        campaign.paused_at = desk.now
        _note(desk, Action.CAMPAIGN_PAUSED, campaign, {"waiting": count_waiting(desk.session, campaign)})
    return campaign


def resume(desk: Desk, campaign_id: int) -> Campaign:
    """Let leave what was paused; once resumed, nothing changes.

    Raises:
        CampaignNotFound: it is another establishment's, or there is none.
        CampaignOver: nothing waits any more.
    """
    campaign = _unfinished(desk.session, desk.establishment_id, campaign_id)
    if campaign.paused_at is not None:
        campaign.paused_at = None
        _note(desk, Action.CAMPAIGN_RESUMED, campaign, {"waiting": count_waiting(desk.session, campaign)})
    return campaign


def cancel(desk: Desk, campaign_id: int) -> int:
    """Skip what has not left, and keep all the rest; returns how many notifications that is.

    Those that a worker holds at this moment either leave or are skipped as soon as it gives them back.

    Raises:
        CampaignNotFound: it is another establishment's, or there is none.
        CampaignOver: nothing waits any more.
    """
    campaign = _unfinished(desk.session, desk.establishment_id, campaign_id)
    waiting = count_waiting(desk.session, campaign)
    campaign.cancelled_at, campaign.paused_at = desk.now, None
    _hold_back_again(desk.session, campaign)
    _note(desk, Action.CAMPAIGN_CANCELLED, campaign, {"skipped": waiting})
    desk.session.flush()
    finish_campaigns(desk.session, desk.now)
    return waiting


def can_be_stopped(session: Session, campaign: Campaign) -> bool:
    """Whether something can still be kept from leaving; once cancelled, only what was tried again by hand since."""
    if campaign.finished_at is not None:
        return False
    return campaign.cancelled_at is None or bool(session.scalar(select(exists().where(_freed(campaign)))))


def count_waiting(session: Session, campaign: Campaign) -> int:
    """How many notifications of a campaign have not left."""
    waiting = (
        select(func.count())
        .select_from(Notification)
        .where(Notification.campaign_id == campaign.id, Notification.delivery.in_(WAITING))
    )
    return session.scalar(waiting) or 0


def _unfinished(session: Session, establishment_id: int, campaign_id: int) -> Campaign:
    campaign = lock_campaign(session, establishment_id, campaign_id)
    if not can_be_stopped(session, campaign):
        raise CampaignOver
    return campaign


def _freed(campaign: Campaign) -> ColumnElement[bool]:
    of_campaign = Notification.campaign_id == campaign.id
    return and_(of_campaign, Notification.delivery.in_(WAITING), Notification.is_freed)


def _hold_back_again(session: Session, campaign: Campaign) -> None:
    session.execute(
        update(Notification).where(_freed(campaign)).values(is_freed=False),
        execution_options={"synchronize_session": False},
    )


def _note(desk: Desk, action: Action, campaign: Campaign, details: dict[str, int]) -> None:
    desk.note(action, subject=campaign.title, details={"campaign": campaign.id, **details})
