"""What each step would do: told before the first leaves, and again when one is confirmed by hand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import or_, select

from shared.accounts.state_policy import EXPIRING
from shared.acting.desk import Desk
from shared.models.accounts import AccountKind
from shared.models.notifications import Campaign, Channel, Notification
from shared.models.reasons import Reason
from shared.models.sending.staged import CampaignStage, StagedCampaign
from shared.notifications.campaigns.planning import Decision, Plan, plan
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import DELIVERED, Offer, mode_of
from shared.notifications.staged.steps import Steps, not_yet_active


@dataclass(frozen=True)
class AtMost:
    """What a step that comes later would do if nobody activated the account before."""

    channel: Channel
    number: int
    price: int
    """Of one, in ten-thousandths of a euro."""
    day: date

    @property
    def cost(self) -> int:
        """Of all, in ten-thousandths of a euro."""
        return self.number * self.price


@dataclass(frozen=True)
class StagedPlan:
    """What would leave now, and what would follow."""

    criteria: Criteria
    steps: Steps
    first: Plan
    later: Sequence[AtMost]


def plan_steps(desk: Desk, criteria: Criteria, steps: Steps, offer: Offer) -> StagedPlan:
    """What notifying `criteria` in `steps` would do, changing nothing; as many plans as there are steps.

    Raises:
        StepsRefused: the order makes no sense, or only used accounts were chosen.
        ModeNotOffered: a channel is not there.
        UnknownDivision: a division of the criteria is not one of the establishment.
    """
    steps.require_possible(offer, criteria.kind)
    wanted = not_yet_active(criteria)
    first, *others = (
        plan(desk.session, desk.establishment_id, wanted, mode_of(channel), desk.today, offer)
        for channel in steps.channels
    )
    later = [
        AtMost(channel, planned.of(channel), planned.prices.get(channel, 0), steps.day_of(position, desk.today))
        for position, (channel, planned) in enumerate(zip(steps.channels[1:], others, strict=True), start=2)
    ]
    return StagedPlan(wanted, steps, first, later)


def plan_stage(desk: Desk, staged: StagedCampaign, stage: CampaignStage, offer: Offer) -> Plan:
    """What one step after the first would do now: for those of the first who have not activated their account since.

    Whoever left, or whose account was closed, merged or erased, is not among them; whoever was notified by the same
    channel since the first step is skipped.

    Raises:
        ModeNotOffered: its channel is not there any more.
    """
    criteria = those_left(staged)
    planned = plan(desk.session, desk.establishment_id, criteria, mode_of(stage.channel), desk.today, offer)
    told = _told_since(desk, staged, stage.channel)
    return replace(planned, decisions=[_unless_told(one, told) for one in planned.decisions])


def those_left(staged: StagedCampaign) -> Criteria:
    """The accounts of the first step that are still to be activated."""
    kind, first = AccountKind(staged.criteria["kind"]), staged.stages[0].campaign_id
    return Criteria(kind=kind, states=frozenset(EXPIRING), listed_in=first)


def _unless_told(decision: Decision, told: Collection[int]) -> Decision:
    if decision.skipped is None and decision.account_id in told:
        return replace(decision, skipped=Reason.TOLD_ALREADY)
    return decision


def _told_since(desk: Desk, staged: StagedCampaign, channel: Channel) -> frozenset[int]:
    """The accounts that the school notified so since the first step, by whatever campaign.

    A letter that nobody downloaded before it was removed reached nobody.
    """
    rows = desk.session.scalars(
        select(Notification.account_id)
        .join(Campaign, Campaign.id == Notification.campaign_id)
        .where(
            Campaign.establishment_id == staged.establishment_id,
            Campaign.created_at >= staged.created_at,
            or_(Campaign.letters_removed_at.is_(None), Campaign.letters_downloaded_at.is_not(None)),
            Notification.establishment_id == staged.establishment_id,
            Notification.channel == channel,
            Notification.delivery.in_(DELIVERED),
        )
    )
    return frozenset(account_id for account_id in rows if account_id is not None)
