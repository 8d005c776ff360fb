"""The end of a campaign: what was cancelled is skipped, and the author of a long one is told."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from shared.models.notifications import Campaign, CampaignMail, DeliveryState, Notification
from shared.models.staff import Staff

LONG = timedelta(minutes=10)
"""Who asked for something shorter is still looking at the screen."""
CANCELLED = "annulé avant l'envoi"


def skip_what_was_cancelled(session: Session, now: datetime) -> None:
    """Skip what cancelled campaigns have not sent: on its way when they were cancelled, it came back since."""
    cancelled = select(Campaign.id).where(Campaign.finished_at.is_(None), Campaign.cancelled_at.is_not(None))
    session.execute(
        update(Notification)
        .where(
            Notification.delivery.in_((DeliveryState.TO_SEND, DeliveryState.TO_RETRY)),
            Notification.campaign_id.in_(cancelled),
        )
        .values(delivery=DeliveryState.SKIPPED, error=CANCELLED, next_attempt_at=None, settled_at=now),
        execution_options={"synchronize_session": False},
    )


def tell_authors(session: Session, campaign_ids: Sequence[int], now: datetime) -> None:
    """Leave a mail for the author of each campaign that took long, once: not again when failures are tried again."""
    long_ones = session.execute(
        select(Campaign.id, Staff.email)
        .join(Staff, Staff.id == Campaign.staff_id)
        .where(
            Campaign.id.in_(campaign_ids),
            Campaign.created_at <= now - LONG,
            Campaign.cancelled_at.is_(None),
            Staff.email.is_not(None),
            Staff.disabled_at.is_(None),
            ~exists().where(CampaignMail.campaign_id == Campaign.id),
        )
    ).all()
    session.add_all(
        CampaignMail(
            campaign_id=campaign_id,
            recipient=email,
            created_at=now,
            delivery=DeliveryState.TO_SEND,
            next_attempt_at=now,
        )
        for campaign_id, email in long_ones
        if email
    )
