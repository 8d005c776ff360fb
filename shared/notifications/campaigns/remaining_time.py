"""When a campaign under way should end, from how fast it went these last minutes, and whether it goes at all (R29)."""

from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from shared.models.notifications import WAITING, Campaign, Channel, DeliveryState, Notification
from shared.notifications.channels.registry import DELIVERED, SLOWEST

WINDOW = timedelta(minutes=5)
FEWEST = 5
"""Too few to tell anything from."""
STALLED = timedelta(minutes=3)
"""Sweeps come every minute: when nothing moved for so long, nobody works."""
_DONE = (*DELIVERED, DeliveryState.REFUSED)


def stalled_since(session: Session, campaign: Campaign, now: datetime) -> datetime | None:
    """Since when nothing has moved although something of `campaign` is due; none when all is well, or it is paused.

    What moves is looked for in every campaign: behind a long one, it waits for its turn.
    """
    if campaign.paused_at is not None:
        return None
    is_due = or_(
        Notification.delivery == DeliveryState.TO_SEND,
        and_(Notification.delivery.in_(WAITING), Notification.next_attempt_at <= now),
    )
    found = select(Notification.id).where(Notification.campaign_id == campaign.id, is_due).limit(1)
    if session.scalar(found) is None:
        return None
    last = session.scalar(select(func.max(Notification.settled_at)).where(Notification.settled_at <= now))
    since = max(last or campaign.created_at, campaign.created_at)
    return since if since + STALLED <= now else None


def expected_end(
    session: Session, campaign: Campaign, waiting: int, now: datetime, channel: Channel = SLOWEST
) -> datetime | None:
    """When nothing of `campaign` should wait any more; none when it is paused, or when it is too early to tell.

    `waiting` are those of `channel`, whose pace alone is told from: letters are printed ten times faster. What is put
    off is tried again at its own time: the end is never before that.
    """
    if campaign.paused_at is not None or not waiting:
        return None
    since = max(campaign.created_at, now - WINDOW)
    of_campaign = Notification.campaign_id == campaign.id
    done = session.scalar(
        select(func.count())
        .select_from(Notification)
        .where(
            of_campaign,
            Notification.channel == channel,
            Notification.delivery.in_(_DONE),
            Notification.settled_at > since,
        )
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
