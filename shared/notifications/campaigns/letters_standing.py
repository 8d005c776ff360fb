"""Where the letters of campaigns stand: being prepared, ready, downloaded, removed (R17)."""

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from shared.database import UtcDateTime
from shared.models.notifications import WAITING, Campaign, DeliveryState, LetterLot, Notification
from shared.notifications.channels.registry import PRINTED
from shared.rows.prepared import Instant, derived

KEPT = timedelta(hours=24)
"""How long letters can be downloaded, from when the last one was prepared."""


class LettersStanding(enum.StrEnum):
    """What became of the letters of one campaign."""

    PREPARING = "preparing"
    PREPARED = "prepared"
    """Ready, and nobody took them, or others were added since."""
    DOWNLOADED = "downloaded"
    REMOVED = "removed"
    """After somebody took them."""
    EXPIRED = "expired"
    """Removed, and nobody ever took them."""


@dataclass(frozen=True)
class Letters:
    """The letters of one campaign."""

    standing: LettersStanding
    number: int
    """How many were prepared, or are being."""
    until: datetime | None
    """When they are removed; none unless they can be taken."""


def letters_of(session: Session, campaigns: Collection[Campaign], now: datetime) -> dict[int, Letters]:
    """Where the letters of each campaign that has some stand, by number of campaign; two queries."""
    numbers = [campaign.id for campaign in campaigns]
    counts: dict[int, dict[DeliveryState, int]] = {}
    for campaign_id, delivery, number in session.execute(
        select(Notification.campaign_id, Notification.delivery, func.count())
        .where(Notification.campaign_id.in_(numbers), Notification.channel.in_(PRINTED))
        .group_by(Notification.campaign_id, Notification.delivery)
    ):
        counts.setdefault(campaign_id, {})[delivery] = number
    lots = select(LetterLot.campaign_id, func.max(LetterLot.created_at)).where(LetterLot.campaign_id.in_(numbers))
    newest: dict[int, datetime] = dict(session.execute(lots.group_by(LetterLot.campaign_id)).all())
    found = {one.id: _letters(one, counts.get(one.id, {}), newest.get(one.id), now) for one in campaigns}
    return {number: letters for number, letters in found.items() if letters}


def _letters(
    campaign: Campaign, counts: Mapping[DeliveryState, int], newest: datetime | None, now: datetime
) -> Letters | None:
    printed, waiting = counts.get(DeliveryState.PRINTED, 0), sum(counts.get(state, 0) for state in WAITING)
    if waiting and campaign.cancelled_at is None:
        return Letters(LettersStanding.PREPARING, printed + waiting, None)
    if not printed:
        return None
    taken_at = campaign.letters_downloaded_at
    if newest is None or campaign.letters_removed_at is not None or newest + KEPT <= now:
        return Letters(LettersStanding.REMOVED if taken_at else LettersStanding.EXPIRED, printed, None)
    is_taken = taken_at is not None and taken_at >= newest
    return Letters(LettersStanding.DOWNLOADED if is_taken else LettersStanding.PREPARED, printed, newest + KEPT)


def _still_kept_from(now: datetime) -> datetime:
    return now - KEPT


def are_to_take(now: Instant) -> ColumnElement[bool]:
    """Whether letters of a campaign are ready, and nobody took them: the condition of `LettersStanding.PREPARED`."""
    newest = select(func.max(LetterLot.created_at)).where(LetterLot.campaign_id == Campaign.id).scalar_subquery()
    kept = select(LetterLot.campaign_id).where(LetterLot.created_at > derived(now, _still_kept_from, UtcDateTime()))
    not_taken = or_(Campaign.letters_downloaded_at.is_(None), Campaign.letters_downloaded_at < newest)
    printing = exists().where(
        Notification.campaign_id == Campaign.id,
        Notification.channel.in_(PRINTED),
        Notification.delivery.in_(WAITING),
    )
    still_printing = printing & Campaign.cancelled_at.is_(None)
    return and_(Campaign.id.in_(kept), Campaign.letters_removed_at.is_(None), not_taken, ~still_printing)
