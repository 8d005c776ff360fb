"""How far campaigns in steps are: for their pages, and for « À faire »."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from shared.models.accounts import Account, AccountKind, AccountState
from shared.models.notifications import Campaign, DeliveryState, Notification
from shared.models.sending.staged import CampaignStage, StagedCampaign, StageState
from shared.models.staff import Staff
from shared.notifications.channels.registry import DELIVERED
from shared.rows.paging import newest
from shared.rows.prepared import Number

PAGE_ROWS = 50


@dataclass(frozen=True)
class StagedLine:
    """One campaign in steps of the list."""

    staged: StagedCampaign
    author: str | None
    """None for the command line, or when the member of staff is gone."""
    total: int
    """Accounts that it is about."""
    active: int
    """Of which so many are activated now."""


@dataclass(frozen=True)
class StageLine:
    """One step that took place."""

    counts: Mapping[DeliveryState, int]
    activated: int
    """Accounts activated between it and the next step, or until now."""

    @property
    def done(self) -> int:
        """What was handed over, or printed."""
        return sum(self.counts.get(state, 0) for state in DELIVERED)


def count_stages(establishment_id: Number, kind: AccountKind, state: StageState) -> Any:  # noqa: ANN401 - a subquery
    """How many campaigns of which the next step stands so, as a column of a statement."""
    return (
        select(func.count(StagedCampaign.id.distinct()))
        .join(CampaignStage, CampaignStage.staged_campaign_id == StagedCampaign.id)
        .where(
            StagedCampaign.establishment_id == establishment_id,
            StagedCampaign.ended_at.is_(None),
            StagedCampaign.criteria["kind"].as_string() == kind.value,
            CampaignStage.state == state,
            CampaignStage.due_on.is_not(None),
        )
        .scalar_subquery()
    )


def list_staged(
    session: Session, establishment_id: int, kind: AccountKind, *, before_id: int | None = None, rows: int = PAGE_ROWS
) -> list[StagedLine]:
    """The campaigns in steps about accounts of one kind, newest first, from before `before_id`; three queries."""
    wanted = select(StagedCampaign, Staff.name).outerjoin(Staff, Staff.id == StagedCampaign.staff_id)
    wanted = wanted.where(
        StagedCampaign.establishment_id == establishment_id,
        StagedCampaign.criteria["kind"].as_string() == kind.value,
    )
    found = session.execute(newest(wanted, StagedCampaign.id, before_id, rows)).all()
    counts = _members(session, [staged.id for staged, _ in found])
    return [StagedLine(staged, author, *counts.get(staged.id, (0, 0))) for staged, author in found]


def line_of(session: Session, staged: StagedCampaign) -> StagedLine:
    """The same of one; two queries."""
    author = session.scalar(select(Staff.name).where(Staff.id == staged.staff_id)) if staged.staff_id else None
    return StagedLine(staged, author, *_members(session, [staged.id]).get(staged.id, (0, 0)))


def lines_of_stages(session: Session, staged: StagedCampaign) -> dict[int, StageLine]:
    """What became of each step that took place, by its position; two queries."""
    counts = _deliveries(session, staged.id)
    launched = session.execute(
        select(CampaignStage.position, Campaign.created_at)
        .join(Campaign, Campaign.id == CampaignStage.campaign_id)
        .where(CampaignStage.staged_campaign_id == staged.id)
        .order_by(CampaignStage.position)
    ).all()
    activated = _activated_between(session, staged, [at for _, at in launched])
    return {
        position: StageLine(counts.get(position, {}), number)
        for (position, _), number in zip(launched, activated, strict=True)
    }


def _members(session: Session, staged_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Of each: the rows of its first step, and how many of these accounts are activated."""
    staged_id = CampaignStage.staged_campaign_id
    rows = session.execute(
        select(staged_id, func.count(), func.count(case((Account.state == AccountState.ACTIVE, Account.id))))
        .join(Notification, Notification.campaign_id == CampaignStage.campaign_id)
        .outerjoin(Account, Account.id == Notification.account_id)
        .where(staged_id.in_(staged_ids), CampaignStage.position == 1)
        .group_by(staged_id)
    )
    return {one: (total, active) for one, total, active in rows}


def _deliveries(session: Session, staged_id: int) -> dict[int, dict[DeliveryState, int]]:
    counts: dict[int, dict[DeliveryState, int]] = {}
    rows = session.execute(
        select(CampaignStage.position, Notification.delivery, func.count())
        .join(Notification, Notification.campaign_id == CampaignStage.campaign_id)
        .where(CampaignStage.staged_campaign_id == staged_id)
        .group_by(CampaignStage.position, Notification.delivery)
    )
    for position, delivery, number in rows:
        counts.setdefault(position, {})[delivery] = number
    return counts


def _activated_between(session: Session, staged: StagedCampaign, launched: Sequence[datetime]) -> list[int]:
    """How many of its accounts were activated after each of these instants, before the next."""
    if not launched:
        return []
    at = Account.activated_at
    periods = [and_(at >= begun, at < until) for begun, until in itertools.pairwise(launched)]
    periods.append(at >= launched[-1])
    counted = [func.count(case((period, Account.id))) for period in periods]
    rows = (
        select(*counted)
        .select_from(Notification)
        .join(Account, Account.id == Notification.account_id)
        .where(Notification.campaign_id == staged.stages[0].campaign_id)
    )
    return [int(number) for number in session.execute(rows).one()]
