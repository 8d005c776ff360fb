"""Letters handed to a printing service: the channel, its lots, what it says of each letter"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime
from shared.migrations.one_of import let_be

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

CHANNELS = ("mail", "paper", "coupon", "sms")
MODES = ("mail", "paper", "both", "coupon", "mail_or_coupon", "sms", "mail_sms_or_paper")
ADDED = "print_service"
OF_A_CHANNEL = ("notification", "channel_outage", "campaign_stage")
STATES = "'handed', 'printed', 'posted', 'refused'"


def upgrade() -> None:
    for table in OF_A_CHANNEL:
        let_be(table, "channel", CHANNELS, (*CHANNELS, ADDED))
    let_be("campaign", "mode", MODES, (*MODES, ADDED))
    op.create_table(
        "print_lot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=True),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_print_lot_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_lot")),
        sa.UniqueConstraint("name", name=op.f("uq_print_lot_name")),
    )
    op.create_index(op.f("ix_print_lot_campaign_id"), "print_lot", ["campaign_id"])
    standing = sa.text("removed_at IS NULL")
    op.create_index("ix_print_lot_standing", "print_lot", ["id"], sqlite_where=standing, postgresql_where=standing)
    op.create_table(
        "print_copy",
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("first_page", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_print_copy_state")),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_print_copy_notification_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["print_lot.id"], name=op.f("fk_print_copy_lot_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("notification_id", name=op.f("pk_print_copy")),
    )
    op.create_index(op.f("ix_print_copy_lot_id"), "print_copy", ["lot_id"])


def downgrade() -> None:
    mode = sa.column("mode", sa.String())
    op.execute(sa.delete(sa.table("campaign", mode)).where(mode == ADDED))
    for table in ("channel_outage", "campaign_stage"):
        channel = sa.column("channel", sa.String())
        op.execute(sa.delete(sa.table(table, channel)).where(channel == ADDED))
    op.drop_table("print_copy")
    op.drop_table("print_lot")
    let_be("campaign", "mode", (*MODES, ADDED), MODES)
    for table in reversed(OF_A_CHANNEL):
        let_be(table, "channel", (*CHANNELS, ADDED), CHANNELS)
