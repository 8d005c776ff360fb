"""Campaigns that pause, and addresses that fail"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATES = ("to_send", "sending", "to_retry", "sent", "printed", "refused", "skipped")
UNFINISHED = sa.text("finished_at IS NULL")


def upgrade() -> None:
    # Columns are added and dropped in place: SQLite needs no copy of the table for it, and a copy would cascade.
    for table in ("notification", "account_mail"):
        op.add_column(table, sa.Column("handed_over_at", sa.DateTime(), nullable=True))
    for column in ("paused_at", "cancelled_at"):
        op.add_column("campaign", sa.Column(column, sa.DateTime(), nullable=True))
    op.add_column("school_import", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_campaign_unfinished", "campaign", ["id"], sqlite_where=UNFINISHED, postgresql_where=UNFINISHED)
    op.drop_index("ix_notification_delivery_next_attempt_at", "notification")
    op.create_index("ix_notification_due", "notification", ["delivery", "channel", "next_attempt_at", "id"])
    _create_campaign_mail()
    op.create_table(
        "mail_outage",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("trials", sa.Integer(), nullable=False),
        sa.Column("next_trial_at", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_outage_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_outage")),
    )
    op.create_table(
        "failing_address",
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_failing_address")),
    )


def _create_campaign_mail() -> None:
    op.create_table(
        "campaign_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column(
            "delivery",
            sa.Enum(*STATES, name="delivery", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(), nullable=True),
        sa.Column("lease", sa.String(36), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.String(500), nullable=True),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_mail_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_mail")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_campaign_mail_campaign_id")),
    )
    op.create_index("ix_campaign_mail_delivery_next_attempt_at", "campaign_mail", ["delivery", "next_attempt_at"])


def downgrade() -> None:
    for table in ("failing_address", "mail_outage", "campaign_mail"):
        op.drop_table(table)
    op.drop_index("ix_notification_due", "notification")
    op.create_index("ix_notification_delivery_next_attempt_at", "notification", ["delivery", "next_attempt_at"])
    op.drop_index("ix_campaign_unfinished", "campaign")
    op.drop_column("school_import", "attempts")
    for column in ("cancelled_at", "paused_at"):
        op.drop_column("campaign", column)
    for table in ("account_mail", "notification"):
        op.drop_column(table, "handed_over_at")
