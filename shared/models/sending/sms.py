"""What is known of each SMS handed to a gateway, and of the codes that they carry (R36, R37)."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of

REFERENCE_LENGTH, SAID_LENGTH = 100, 100


class SmsState(enum.StrEnum):
    """Where one message stands."""

    LEAVING = "leaving"
    """Noted before it is handed over: whoever finds it so later does not know whether the gateway has it."""
    ACCEPTED = "accepted"
    """By the gateway, which has not said yet what became of it."""
    DELIVERED = "delivered"
    FAILED = "failed"
    """The gateway took it, and said later that it did not arrive."""
    REFUSED = "refused"
    """The gateway did not take it."""
    UNKNOWN = "unknown"
    """Nobody knows whether the gateway took it: it is never sent again by itself."""


class SmsMessage(Base):
    """One attempt to hand one notification over, written before it is made."""

    __tablename__ = "sms_message"
    __table_args__ = (
        Index("ix_sms_message_notification_id", "notification_id"),
        Index("ix_sms_message_reference", "reference"),
        # Those whose receipt is asked for next.
        Index("ix_sms_message_state_next_poll_at", "state", "next_poll_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notification_id: Mapped[int] = mapped_column(ForeignKey("notification.id", ondelete="CASCADE"))
    lease: Mapped[str] = mapped_column(String(36))
    """Of the notification, when it was handed over."""
    state: Mapped[SmsState] = mapped_column(one_of(SmsState, "state"))
    reference: Mapped[str | None] = mapped_column(String(REFERENCE_LENGTH))
    """What the gateway calls it."""
    price: Mapped[int] = mapped_column()
    """In ten-thousandths of a euro, as `SMS_PRICE` said when it left."""
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its receipt came, or it was found unknown."""
    polls: Mapped[int] = mapped_column(default=0)
    next_poll_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its receipt is asked for next; none when it is not, or no more."""


class EarlyReceipt(Base):
    """A receipt that came before the gateway's own answer was written: of a message whose reference is not known yet.

    Kept for a moment only, and only while some message is in hand (`shared.notifications.sms_receipts.calls`).
    """

    __tablename__ = "sms_early_receipt"

    reference: Mapped[str] = mapped_column(String(REFERENCE_LENGTH), primary_key=True)
    arrived: Mapped[bool]
    said: Mapped[str] = mapped_column(String(SAID_LENGTH))
    is_dead_number: Mapped[bool]
    came_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SmsCode(Base):
    """The code of one notification, which replaces the initial password, once: only its hash is kept."""

    __tablename__ = "sms_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    notification_id: Mapped[int] = mapped_column(ForeignKey("notification.id", ondelete="CASCADE"), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    nonce: Mapped[str] = mapped_column(String(32))
    """With `SECRET_KEY`, it gives the code: a message sent again carries the same one."""
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
