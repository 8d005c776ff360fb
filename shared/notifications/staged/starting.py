"""Beginning a campaign in steps: the first leaves at once, as any notification does, and the others have their day."""

import secrets
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.models.journal import Action, ActorKind
from shared.models.notifications import Campaign, Channel
from shared.models.sending.staged import CampaignStage, StagedCampaign, StageState
from shared.notifications.campaigns.launching import (
    TITLE_CHARACTERS,
    wait_for_other_launches,
    who_is,
    write_campaign,
)
from shared.notifications.campaigns.planning import Plan
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import Offer, mode_of
from shared.notifications.staged.finding import StagedNotFound
from shared.notifications.staged.following import follow
from shared.notifications.staged.planning import StagedPlan, plan_steps
from shared.notifications.staged.steps import Steps, in_words


def start(desk: Desk, criteria: Criteria, steps: Steps, *, request_key: str, offer: Offer) -> StagedCampaign:
    """Write the first step as a campaign and the others as days to come; the worker sends once the caller committed.

    `request_key` was drawn when the confirmation was shown: the same one twice begins one, and returns it.

    Raises:
        StepsRefused: the order makes no sense, or only used accounts were chosen.
        ModeNotOffered: a channel is not there.
        UnknownDivision: a division of the criteria is not one of the establishment.
        StagedNotFound: `request_key` is that of another establishment's.
    """
    wait_for_other_launches(desk.session, desk.establishment_id)
    if (before := _started_with(desk.session, desk.establishment_id, request_key)) is not None:
        return before
    planned = plan_steps(desk, criteria, steps, offer)
    staged = StagedCampaign(
        establishment_id=desk.establishment_id,
        staff_id=desk.staff_id,
        by_staff=desk.actor.kind is ActorKind.STAFF,
        request_key=request_key,
        title=f"{who_is(planned.criteria, planned.first)} – {in_words(steps.channels)}"[:TITLE_CHARACTERS],
        criteria=planned.criteria.as_json(),
        days=steps.days,
        created_at=desk.now,
        stages=list(_stages(planned)),
    )
    desk.session.add(staged)
    desk.session.flush()
    details = {"staged": staged.id, "steps": [channel.value for channel in steps.channels], "days": steps.days}
    desk.note(Action.STAGED_STARTED, subject=staged.title, details=details)
    launch_stage(desk, staged, staged.stages[0], planned.first)
    return staged


def launch_stage(desk: Desk, staged: StagedCampaign, stage: CampaignStage, planned: Plan) -> Campaign:
    """Write one step of a locked campaign as a campaign of its own, and give the next step its day.

    Its author is whoever is at the desk; of what the worker launches, whoever asked for the steps.
    """
    criteria = Criteria.of_json(staged.criteria)
    who = who_is(criteria, planned)
    columns: dict[str, Any] = {
        "request_key": stage.request_key,
        "mode": mode_of(stage.channel),
        "title": f"{who} – étape {stage.position} : {in_words([stage.channel])}"[:TITLE_CHARACTERS],
        "criteria": staged.criteria,
        "staff_id": desk.staff_id or staged.staff_id,
    }
    campaign = write_campaign(desk, planned, columns)
    stage.campaign_id, stage.state, stage.cause = campaign.id, StageState.LAUNCHED, None
    stage.due_on = desk.today
    follow(desk, staged, stage, waits=planned.leaving > 0)
    return campaign


def _stages(planned: StagedPlan) -> Iterator[CampaignStage]:
    channel = planned.steps.channels[0]
    yield _stage(1, channel, planned.first.of(channel), planned.first.prices.get(channel, 0))
    for position, one in enumerate(planned.later, start=2):
        yield _stage(position, one.channel, one.number, one.price)


def _stage(position: int, channel: Channel, most: int, price: int) -> CampaignStage:
    return CampaignStage(
        position=position,
        channel=channel,
        state=StageState.AWAITED,
        most=most,
        price=price,
        request_key=secrets.token_hex(16),
    )


def _started_with(session: Session, establishment_id: int, request_key: str) -> StagedCampaign | None:
    found = session.scalars(select(StagedCampaign).where(StagedCampaign.request_key == request_key)).one_or_none()
    if found is not None and found.establishment_id != establishment_id:
        raise StagedNotFound
    return found
