"""The outbox: campaigns, the notification of each account, the mails of the portal, the letters rendered."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of
from shared.models.reasons import ReasonOrText
from shared.models.school import EMAIL_LENGTH

REQUEST_KEY_LENGTH = 64


class DeliveryState(enum.StrEnum):
    """Where one mail or letter stands."""

    TO_SEND = "to_send"
    SENDING = "sending"
    TO_RETRY = "to_retry"
    SENT = "sent"
    PRINTED = "printed"
    REFUSED = "refused"
    SKIPPED = "skipped"


WAITING = (DeliveryState.TO_SEND, DeliveryState.SENDING, DeliveryState.TO_RETRY)


class Channel(enum.StrEnum):
    """How a notification travels."""

    MAIL = "mail"
    PAPER = "paper"
    COUPON = "coupon"
    """A piece of paper that the child brings home from class."""
    SMS = "sms"
    PRINT_SERVICE = "print_service"
    """A letter that a printing service prints and posts."""


class Mode(enum.StrEnum):
    """The ways of informing that staff choose from (R15)."""

    MAIL = "mail"
    PAPER = "paper"
    BOTH = "both"
    COUPON = "coupon"
    MAIL_OR_COUPON = "mail_or_coupon"
    SMS = "sms"
    MAIL_SMS_OR_PAPER = "mail_sms_or_paper"
    PRINT_SERVICE = "print_service"


class Text(enum.StrEnum):
    """The texts of R20, named as the templates are."""

    NEW_ACCOUNT = "new_account"
    ACTIVATION_REMINDER = "activation_reminder"
    NEW_PASSWORD = "new_password"  # noqa: S105 - the name of a text
    REMINDER = "reminder"
    EXISTING_ACCOUNT = "existing_account"
    """To whoever has an account of another establishment: nothing of that account (R4)."""


class Delivery:
    """What the worker needs to deliver a row once: its state, its lease, its attempts."""

    delivery: Mapped[DeliveryState] = mapped_column(one_of(DeliveryState, "delivery"))
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Not before this instant; for a row being sent, the end of the lease, after which another worker takes over."""
    lease: Mapped[str | None] = mapped_column(String(36))
    """The worker's claim on the row: settling it needs the same one."""
    handed_over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the server took it, noted at once: such a row is never sent again, only settled."""
    error: Mapped[str | None] = mapped_column(ReasonOrText)
    """A `Reason`, or what a mail server said."""
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Campaign(Base):
    """One notification asked for by staff: of one account, of divisions, of a whole school."""

    __tablename__ = "campaign"
    __table_args__ = (
        Index("ix_campaign_establishment_id_id", "establishment_id", "id"),
        Index(
            "ix_campaign_unfinished",
            "id",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    """Who asked; none for the command line."""
    request_key: Mapped[str] = mapped_column(String(REQUEST_KEY_LENGTH), unique=True)
    """Drawn when the confirmation was shown: confirming twice makes one campaign."""
    title: Mapped[str] = mapped_column(String(200))
    mode: Mapped[Mode] = mapped_column(one_of(Mode, "mode"))
    criteria: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """It has ended; none while anything waits (`shared.notifications.outbox.completion`)."""
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Nothing leaves until it is resumed."""
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """What had not left by then never does, unless it is tried again by hand."""
    letters_removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    letters_downloaded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its letters were taken last; beside it, the name of who took them."""
    letters_downloaded_by: Mapped[str | None] = mapped_column(String(200))


class Notification(Delivery, Base):
    """One mail or one letter to one account."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("campaign_id", "account_id"),
        # A constraint could not be added to the table on SQLite.
        Index("uq_notification_campaign_id_tie_id", "campaign_id", "tie_id", unique=True),
        CheckConstraint("channel != 'mail' OR recipient IS NOT NULL OR delivery = 'skipped'", name="recipient"),
        Index("ix_notification_due", "delivery", "channel", "next_attempt_at", "id"),
        Index("ix_notification_establishment_id_id", "establishment_id", "id"),
        Index("ix_notification_settled_at", "settled_at"),
        # Whether anything of a campaign waits, and how far it is, however long it is.
        Index("ix_notification_campaign_id_delivery", "campaign_id", "delivery", "channel"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    """None once the account was erased: the history of the fiche remains. None of a reminder of a tie, either."""
    tie_id: Mapped[int | None] = mapped_column(ForeignKey("account_tie.id", ondelete="SET NULL"), index=True)
    """It only tells the fiche that it has an account already, elsewhere: nothing of that account (R4)."""
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("guardian.id", ondelete="CASCADE"), index=True)
    student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id", ondelete="CASCADE"), index=True)
    channel: Mapped[Channel] = mapped_column(one_of(Channel, "channel"))
    recipient: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH))
    position: Mapped[int] = mapped_column()
    """Rank in the printed order: division, then student."""
    is_freed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Tried again by hand: it leaves even if its campaign was cancelled before."""


SLIP_POSITION = 0
"""Before every letter: these are counted from 1."""


class LetterLot(Base):
    """Consecutive letters or coupons of a campaign, sealed; stored in the transaction that marks them printed."""

    __tablename__ = "letter_lot"
    __table_args__ = (UniqueConstraint("campaign_id", "first_position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    first_position: Mapped[int] = mapped_column()
    positions: Mapped[list[int]] = mapped_column(JSON)
    """The rank in the printed order of each of its pages: a letter tried again later still finds its place."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class AccountMailKind(enum.StrEnum):
    """The mails that the portal sends by itself."""

    ACTIVATION = "activation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a mail
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a mail
    EMAIL_CHANGE = "email_change"
    EMAIL_CHANGE_ASKED = "email_change_asked"
    EMAIL_CHANGED = "email_changed"
    MERGED = "merged"
    PASSKEY_ADDED = "passkey_added"
    PASSKEYS_REMOVED = "passkeys_removed"
    CHANGED_BY_STAFF = "changed_by_staff"
    """Other credentials, an account closed or opened again, another address, a school added: not by the holder."""
    NEW_DEVICE = "new_device"
    SELF_ACTIVATION = "self_activation"
    """To an address of the school base: each person of it may activate the own account, without a letter (R37)."""
    ERASURE_COMING = "erasure_coming"


class AccountMail(Delivery, Base):
    """A mail of the portal to one account, written with the change that causes it."""

    __tablename__ = "account_mail"
    __table_args__ = (
        Index("ix_account_mail_delivery_next_attempt_at", "delivery", "next_attempt_at"),
        Index("ix_account_mail_settled_at", "settled_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AccountMailKind] = mapped_column(one_of(AccountMailKind, "kind"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    link_id: Mapped[int | None] = mapped_column(ForeignKey("mailed_link.id", ondelete="CASCADE"), index=True)
    recipient: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    details: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Plain words the template shows (the identifier kept by a merge…); never a secret."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CampaignMail(Delivery, Base):
    """The mail that tells the author of a long campaign that it has ended: at most one for each."""

    __tablename__ = "campaign_mail"
    __table_args__ = (Index("ix_campaign_mail_delivery_next_attempt_at", "delivery", "next_attempt_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), unique=True)
    recipient: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DuplicatesMail(Delivery, Base):
    """The mail that tells somebody of an establishment that new likely duplicates were found."""

    __tablename__ = "duplicates_mail"
    __table_args__ = (
        UniqueConstraint("announcement", "recipient"),
        Index("ix_duplicates_mail_delivery_next_attempt_at", "delivery", "next_attempt_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    recipient: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    announcement: Mapped[str | None] = mapped_column(String(36))
    """The pairs that it tells of have the same; none in the rows of version 1.0, whose pairs have its instant."""


class StaffMailKind(enum.StrEnum):
    """The mails to a member of staff about the own access."""

    CONFIRM_EMAIL = "confirm_email"
    EMAIL_ASKED = "email_asked"
    """To the address of before: another one was asked for."""
    EMAIL_CHANGED = "email_changed"
    """To the address of before: another one was confirmed."""
    NEW_DEVICE = "new_device"
    """Somebody came in with a browser not seen before."""
    WAY_IN_JOINED = "way_in_joined"
    """An identity provider opens the login as well from now on."""


class StaffMail(Delivery, Base):
    """A mail to one member of staff, written with the change that causes it."""

    __tablename__ = "staff_mail"
    __table_args__ = (
        Index("ix_staff_mail_delivery_next_attempt_at", "delivery", "next_attempt_at"),
        Index("ix_staff_mail_settled_at", "settled_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    kind: Mapped[StaffMailKind] = mapped_column(one_of(StaffMailKind, "kind"))
    recipient: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
