"""The end of a campaign: what was cancelled is skipped, the end is noted, and the author of a long one is told.

A campaign has ended when its `finished_at` says so, and not before: for its page, its reports, the mail to its author
and the worker alike. The end is noted in the transaction that settles the last of its rows, or, when two workers settle
the last ones at the same instant, at the end of their round.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from shared.models.notifications import WAITING, Campaign, CampaignMail, DeliveryState, Notification
from shared.models.reasons import Reason
from shared.models.staff import Staff

LONG = timedelta(minutes=10)
"""Who asked for something shorter is still looking at the screen."""
UNFINISHED = Campaign.finished_at.is_(None)


def held_back() -> ColumnElement[bool]:
    """Whether a notification never leaves: its campaign was cancelled, and nobody tried it again by hand since."""
    cancelled = select(Campaign.id).where(UNFINISHED, Campaign.cancelled_at.is_not(None))
    return and_(Notification.campaign_id.in_(cancelled), ~Notification.is_freed)


def skip_what_was_cancelled(session: Session, now: datetime) -> None:
    """Skip what cancelled campaigns have not sent: a worker that held it then gave it back since, or died."""
    left_by_the_dead = and_(
        Notification.delivery == DeliveryState.SENDING,
        Notification.next_attempt_at <= now,
        Notification.handed_over_at.is_(None),
    )
    waits = or_(Notification.delivery.in_((DeliveryState.TO_SEND, DeliveryState.TO_RETRY)), left_by_the_dead)
    session.execute(
        update(Notification)
        .where(waits, held_back())
        .values(
            delivery=DeliveryState.SKIPPED, error=Reason.CANCELLED, lease=None, next_attempt_at=None, settled_at=now
        ),
        execution_options={"synchronize_session": False},
    )


def note_ends(session: Session, now: datetime) -> None:
    """Note the end of every campaign in which nothing waits any more, and tell the authors of the long ones."""
    waiting = exists().where(Notification.campaign_id == Campaign.id, Notification.delivery.in_(WAITING))
    ended = session.scalars(
        update(Campaign).where(UNFINISHED, ~waiting).values(finished_at=now, paused_at=None).returning(Campaign.id),
        execution_options={"synchronize_session": False},
    ).all()
    if ended:
        _tell_authors(session, ended, now)


def _tell_authors(session: Session, campaign_ids: Sequence[int], now: datetime) -> None:
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
