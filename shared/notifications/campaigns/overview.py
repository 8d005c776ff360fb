"""The campaigns of an establishment at a glance: who asked, how far they are, how many lines failed (R18)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from shared.models.accounts import AccountKind
from shared.models.notifications import WAITING, Campaign, DeliveryState, Notification
from shared.models.staff import Staff
from shared.notifications.criteria import of_kind
from shared.rows.paging import newest

PAGE_ROWS = 50


@dataclass(frozen=True)
class CampaignLine:
    """One campaign of the list."""

    campaign: Campaign
    author: str | None
    """None for the command line, or when the member of staff is gone."""
    total: int
    waiting: int
    refused: int


def overview(
    session: Session,
    establishment_id: int,
    kind: AccountKind,
    *,
    only_refused: bool = False,
    before_id: int | None = None,
    rows: int = PAGE_ROWS,
) -> list[CampaignLine]:
    """The campaigns about accounts of one kind, newest first, from before `before_id`; two queries.

    `only_refused` keeps those with a line that failed.
    """
    wanted = select(Campaign, Staff.name).outerjoin(Staff, Staff.id == Campaign.staff_id)
    wanted = wanted.where(Campaign.establishment_id == establishment_id, of_kind(kind))
    if only_refused:
        failed = exists().where(Notification.campaign_id == Campaign.id, Notification.delivery == DeliveryState.REFUSED)
        wanted = wanted.where(failed)
    found = session.execute(newest(wanted, Campaign.id, before_id, rows)).all()
    counts = _counts(session, [campaign.id for campaign, _ in found])
    return [_line(campaign, author, counts.get(campaign.id, {})) for campaign, author in found]


def count_refused(session: Session, establishment_id: int, kind: AccountKind) -> int:
    """How many mails and letters of an establishment failed, and can be tried again."""
    failed = (
        select(func.count())
        .select_from(Notification)
        .join(Campaign, Campaign.id == Notification.campaign_id)
        .where(
            Notification.establishment_id == establishment_id,
            Notification.delivery == DeliveryState.REFUSED,
            of_kind(kind),
        )
    )
    return session.scalar(failed) or 0


def _counts(session: Session, campaign_ids: Sequence[int]) -> dict[int, dict[DeliveryState, int]]:
    counts: dict[int, dict[DeliveryState, int]] = {}
    rows = session.execute(
        select(Notification.campaign_id, Notification.delivery, func.count())
        .where(Notification.campaign_id.in_(campaign_ids))
        .group_by(Notification.campaign_id, Notification.delivery)
    )
    for campaign_id, delivery, number in rows:
        counts.setdefault(campaign_id, {})[delivery] = number
    return counts


def _line(campaign: Campaign, author: str | None, counts: dict[DeliveryState, int]) -> CampaignLine:
    waiting = sum(counts.get(state, 0) for state in WAITING)
    return CampaignLine(campaign, author, sum(counts.values()), waiting, counts.get(DeliveryState.REFUSED, 0))
