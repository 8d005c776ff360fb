"""Addresses that nothing reaches any more, and what providers refused of each campaign (R18)."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of
from shared.models.school import EMAIL_LENGTH


class FailingAddress(Base):
    """An address that mails came back from, or a number without a subscriber; forgotten when staff try it again."""

    __tablename__ = "failing_address"

    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(500))


class Cause(enum.StrEnum):
    """What a refusal is about."""

    ADDRESS = "address"
    """Nobody has this address, or not any more."""
    SENDER = "sender"
    """The provider does not want this mail from our server: its address, SPF, DKIM, DMARC, rate, size, content."""
    FULL = "full"
    DAY = "day"
    """For the moment: busy, greylisted, no answer…"""
    OTHER = "other"


class CampaignRefusal(Base):
    """Mails of one campaign that one provider refused for one cause: what is said of them, and to do, is said once."""

    __tablename__ = "campaign_refusal"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    domain: Mapped[str] = mapped_column(String(EMAIL_LENGTH), primary_key=True)
    """What stands behind the @ of the addresses."""
    cause: Mapped[Cause] = mapped_column(one_of(Cause, "cause"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    mails: Mapped[int] = mapped_column()
    reason: Mapped[str] = mapped_column(String(500))
    """The words of the server that refused the last one."""
