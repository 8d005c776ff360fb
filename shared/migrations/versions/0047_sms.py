"""Notifications by SMS: their messages, the codes that they carry, outages of each channel"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime
from shared.migrations.one_of import let_be

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

CHANNELS = ("mail", "paper", "coupon")
MODES = ("mail", "paper", "both", "coupon", "mail_or_coupon")
CHANNEL, ADDED_MODES = "sms", ("sms", "mail_sms_or_paper")
STATES = ("leaving", "accepted", "delivered", "failed", "refused", "unknown")


def _one_of(table: str, column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    named = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({named})", name=op.f(f"ck_{table}_{column}"))


def upgrade() -> None:
    let_be("notification", "channel", CHANNELS, (*CHANNELS, CHANNEL))
    let_be("campaign", "mode", MODES, (*MODES, *ADDED_MODES))
    op.create_table(
        "channel_outage",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("trials", sa.Integer(), nullable=False),
        sa.Column("next_trial_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        _one_of("channel_outage", "channel", (*CHANNELS, CHANNEL)),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_outage")),
    )
    columns = "since, trials, next_trial_at, reason"
    op.execute(f"INSERT INTO channel_outage (channel, {columns}) SELECT 'mail', {columns} FROM mail_outage")  # noqa: S608
    _create_messages()
    _create_codes()
    op.create_index("ix_guardian_mobile_phone", "guardian", ["establishment_id", "mobile_phone"])


def _create_messages() -> None:
    op.create_table(
        "sms_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=True),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("next_poll_at", UtcDateTime(), nullable=True),
        _one_of("sms_message", "state", STATES),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_sms_message_notification_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_message")),
    )
    op.create_index("ix_sms_message_notification_id", "sms_message", ["notification_id"])
    op.create_index("ix_sms_message_reference", "sms_message", ["reference"])
    op.create_index("ix_sms_message_state_next_poll_at", "sms_message", ["state", "next_poll_at"])


def _create_codes() -> None:
    op.create_table(
        "sms_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_sms_code_notification_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sms_code_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_code")),
        sa.UniqueConstraint("notification_id", name=op.f("uq_sms_code_notification_id")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_sms_code_code_hash")),
    )
    op.create_index(op.f("ix_sms_code_account_id"), "sms_code", ["account_id"])
    op.create_index(op.f("ix_sms_code_expires_at"), "sms_code", ["expires_at"])


def downgrade() -> None:
    mode = sa.column("mode", sa.String())
    op.execute(sa.delete(sa.table("campaign", mode)).where(mode.in_(ADDED_MODES)))
    op.drop_index("ix_guardian_mobile_phone", "guardian")
    op.drop_table("sms_code")
    op.drop_table("sms_message")
    op.drop_table("channel_outage")
    let_be("campaign", "mode", (*MODES, *ADDED_MODES), MODES)
    let_be("notification", "channel", (*CHANNELS, CHANNEL), CHANNELS)
