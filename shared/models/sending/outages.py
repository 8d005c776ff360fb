"""Servers that do not answer: nothing is handed to them meanwhile but a trial from time to time (R18)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of
from shared.models.notifications import Channel


class ChannelOutage(Base):
    """The server of a channel does not answer: while the row is there, one trial is made from time to time."""

    __tablename__ = "channel_outage"

    channel: Mapped[Channel] = mapped_column(one_of(Channel, "channel"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    trials: Mapped[int] = mapped_column()
    next_trial_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(500))


class MailOutage(Base):
    """What version 1.0 noted of the mail server alone; its workers may still run while this version is installed."""

    __tablename__ = "mail_outage"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    trials: Mapped[int] = mapped_column()
    next_trial_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(500))
