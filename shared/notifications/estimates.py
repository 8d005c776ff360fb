"""When a campaign under way should end, from how fast it went these last minutes (R29)."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models.notifications import Campaign, DeliveryState, Notification

WINDOW = timedelta(minutes=5)
FEWEST = 5
"""Too few to tell anything from."""
_DONE = (DeliveryState.SENT, DeliveryState.PRINTED, DeliveryState.REFUSED)


def expected_end(session: Session, campaign: Campaign, waiting: int, now: datetime) -> datetime | None:
    """When nothing of `campaign` should wait any more; none when it is paused, or when it is too early to tell.

    What is put off is tried again at its own time: the end is never before that.
    """
    if campaign.paused_at is not None or not waiting:
        return None
    since = max(campaign.created_at, now - WINDOW)
    of_campaign = Notification.campaign_id == campaign.id
    done = session.scalar(
        select(func.count())
        .select_from(Notification)
        .where(of_campaign, Notification.delivery.in_(_DONE), Notification.settled_at > since)
    )
    if not done or done < FEWEST:
        return None
    last_try = session.scalar(
        select(func.max(Notification.next_attempt_at)).where(
            of_campaign, Notification.delivery == DeliveryState.TO_RETRY
        )
    )
    at_this_pace = now + (now - since) / done * waiting
    return max(at_this_pace, last_try) if last_try else at_this_pace
