"""The step whose day has come: the worker launches it under the rules of a notification made by hand, or asks somebody.

What is printed is only proposed, since it is kept for a day (R17); so is whatever a person would have to be asked.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.models.background import Restoration
from shared.models.notifications import WAITING, Campaign, Notification
from shared.models.sending.staged import CampaignStage, StageCause, StagedCampaign, StageState
from shared.notifications.campaigns.launching import wait_for_other_launches
from shared.notifications.campaigns.planning import Plan
from shared.notifications.channels.registry import CHANNELS, ModeNotOffered, Offer
from shared.notifications.staged.authority import may_still_notify
from shared.notifications.staged.finding import lock_staged, next_stage, stage_before
from shared.notifications.staged.following import end, pass_over, propose
from shared.notifications.staged.planning import plan_stage
from shared.notifications.staged.starting import launch_stage
from shared.rows.holding import nothing_is_held

BEGINS, ENDS = time(8), time(19)
"""When families may be written to without anybody asking for it at that moment; local time."""
STILL_LEAVING = 10
"""One row in so many of the step before still waits to leave: the others could not answer in time."""
AT_ONCE = 50


def is_time_to_write(local: datetime) -> bool:
    """Whether it is day in the académie: telephones ring."""
    return BEGINS <= local.time() < ENDS


def due_staged(session: Session, today: date, *, after_id: int = 0) -> Sequence[tuple[int, int]]:
    """The campaigns of which a step has its day come by the local day `today`, and their establishments; some at once.

    None while a restoration waits to be released.
    """
    due = (
        select(StagedCampaign.id, StagedCampaign.establishment_id)
        .join(CampaignStage, CampaignStage.staged_campaign_id == StagedCampaign.id)
        .where(
            CampaignStage.state == StageState.AWAITED,
            CampaignStage.due_on <= today,
            StagedCampaign.ended_at.is_(None),
            StagedCampaign.id > after_id,
            nothing_is_held(),
        )
        .order_by(StagedCampaign.id)
        .limit(AT_ONCE)
    )
    return [(staged_id, establishment_id) for staged_id, establishment_id in session.execute(due)]


def fall_due(desk: Desk, staged_id: int, offer: Offer) -> Campaign | None:
    """Launch the step whose day has come, or propose it, put it off, or pass it over; once, whoever asks how often.

    Returns the campaign that it became, if it did.

    Raises:
        StagedNotFound: it is another establishment's, or there is none.
    """
    wait_for_other_launches(desk.session, desk.establishment_id)
    staged = lock_staged(desk.session, desk.establishment_id, staged_id)
    stage = next_stage(staged)
    if stage is None or stage.state is not StageState.AWAITED or stage.due_on is None or stage.due_on > desk.today:
        return None
    if _still_leaves(desk.session, stage_before(staged, stage)):
        stage.due_on = desk.today + timedelta(days=staged.days)
        return None
    try:
        planned = plan_stage(desk, staged, stage, offer)
    except ModeNotOffered:
        pass_over(desk, staged, stage, StageCause.NOT_OFFERED)
        return None
    if not planned.selected:
        end(desk, staged, StageCause.NOBODY)
        return None
    if planned.leaving and (cause := _why_ask(desk, staged, stage, planned)):
        propose(desk, staged, stage, cause)
        return None
    return launch_stage(desk, staged, stage, planned)


def _still_leaves(session: Session, before: CampaignStage) -> bool:
    """Whether so much of the step before waits that its families could not answer: a server was away."""
    waiting = func.count().filter(Notification.delivery.in_(WAITING))
    rows = select(func.count(), waiting).where(Notification.campaign_id == before.campaign_id)
    total, still = session.execute(rows).one()
    return bool(still * STILL_LEAVING > total)


def _why_ask(desk: Desk, staged: StagedCampaign, stage: CampaignStage, planned: Plan) -> StageCause | None:
    """Why a person must confirm the step; none when the worker may launch it."""
    before = desk.session.get_one(Campaign, stage_before(staged, stage).campaign_id)
    if CHANNELS[stage.channel].keeps_files:
        return StageCause.PRINTED
    if not may_still_notify(desk, staged):
        return StageCause.AUTHOR
    if before.cancelled_at is not None:
        return StageCause.CANCELLED
    if desk.session.scalar(select(exists().where(Restoration.restored_at > before.created_at))):
        return StageCause.RESTORED
    if planned.cost(stage.channel) > stage.most * stage.price:
        return StageCause.DEARER
    return None
