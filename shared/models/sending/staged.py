"""Campaigns in steps: one channel after another, some days apart, for those who have not activated their account."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of
from shared.models.notifications import REQUEST_KEY_LENGTH, Channel


class StageState(enum.StrEnum):
    """Where one step stands."""

    AWAITED = "awaited"
    """Its day has not come."""
    PROPOSED = "proposed"
    """Its day has come, and a person must confirm it."""
    LAUNCHED = "launched"
    """It is a campaign as any other from then on."""
    PASSED = "passed"
    """It never takes place: stopped, nobody left to write to, or a channel that is not there any more."""


class StageCause(enum.StrEnum):
    """Why a step waits for a person, or was passed over."""

    PRINTED = "printed"
    """What is printed is kept for a day: it is prepared when somebody is there to print it (R17)."""
    AUTHOR = "author"
    """Who asked has no right to notify here any more, or only while logged in by an identity provider (R34)."""
    DEARER = "dearer"
    """It would cost more than what was confirmed."""
    CANCELLED = "cancelled"
    """The step before was cancelled."""
    RESTORED = "restored"
    """The base was put back as it had been: the step may have left already."""
    NOT_OFFERED = "not_offered"
    """This channel is not there any more."""
    NOBODY = "nobody"
    """Everybody has activated the account, or left."""
    STOPPED = "stopped"
    """By hand."""


class StagedCampaign(Base):
    """One notification in steps. Whom it is about are the rows of its first campaign, those skipped included."""

    __tablename__ = "staged_campaign"
    __table_args__ = (Index("ix_staged_campaign_establishment_id_id", "establishment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    by_staff: Mapped[bool] = mapped_column()
    """Asked for in the back office, even if its author is gone since; else by the command line."""
    request_key: Mapped[str] = mapped_column(String(REQUEST_KEY_LENGTH), unique=True)
    """Drawn when the confirmation was shown: confirming twice begins one."""
    title: Mapped[str] = mapped_column(String(200))
    criteria: Mapped[dict[str, Any]] = mapped_column(JSON)
    days: Mapped[int] = mapped_column()
    """Between a step and the next."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """No step is to come any more."""
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """By hand, before its last step."""

    stages: Mapped[list["CampaignStage"]] = relationship(order_by="CampaignStage.position", lazy="selectin")


class CampaignStage(Base):
    """One step: the channel, its day, and the campaign that it became."""

    __tablename__ = "campaign_stage"
    __table_args__ = (
        UniqueConstraint("staged_campaign_id", "position"),
        # Those whose day has come.
        Index("ix_campaign_stage_state_due_on", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staged_campaign_id: Mapped[int] = mapped_column(ForeignKey("staged_campaign.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column()
    """1 for the first."""
    channel: Mapped[Channel] = mapped_column(one_of(Channel, "channel"))
    state: Mapped[StageState] = mapped_column(one_of(StageState, "state"))
    cause: Mapped[StageCause | None] = mapped_column(one_of(StageCause, "cause"))
    due_on: Mapped[date | None] = mapped_column()
    """The local day; none while the step before has not taken place."""
    most: Mapped[int] = mapped_column()
    """How many it would be at the most, as the confirmation told."""
    price: Mapped[int] = mapped_column()
    """Of one, in ten-thousandths of a euro, as the confirmation told."""
    request_key: Mapped[str] = mapped_column(String(REQUEST_KEY_LENGTH), unique=True)
    """Of its campaign: whoever launches it a second time finds the first."""
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), unique=True)
