"""Campaigns in steps: one channel after another for those who did not activate their account"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

CHANNELS = ("mail", "paper", "coupon", "sms")
STATES = ("awaited", "proposed", "launched", "passed")
CAUSES = ("printed", "author", "dearer", "cancelled", "restored", "not_offered", "nobody", "stopped")
OF_STAGED = ["staged_campaign_id"], ["staged_campaign.id"]


def _one_of(column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    named = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({named})", name=op.f(f"ck_campaign_stage_{column}"))


def upgrade() -> None:
    op.create_table(
        "staged_campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("by_staff", sa.Boolean(), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("stopped_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_staged_campaign_establishment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staged_campaign_staff_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_campaign")),
        sa.UniqueConstraint("request_key", name=op.f("uq_staged_campaign_request_key")),
    )
    op.create_index("ix_staged_campaign_establishment_id_id", "staged_campaign", ["establishment_id", "id"])
    _create_stages()


def _create_stages() -> None:
    op.create_table(
        "campaign_stage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staged_campaign_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        _one_of("channel", CHANNELS),
        _one_of("state", STATES),
        _one_of("cause", CAUSES),
        sa.ForeignKeyConstraint(*OF_STAGED, name=op.f("fk_campaign_stage_staged_campaign_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_stage_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_stage")),
        sa.UniqueConstraint(
            "staged_campaign_id", "position", name=op.f("uq_campaign_stage_staged_campaign_id_position")
        ),
        sa.UniqueConstraint("request_key", name=op.f("uq_campaign_stage_request_key")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_campaign_stage_campaign_id")),
    )
    op.create_index("ix_campaign_stage_state_due_on", "campaign_stage", ["state", "due_on"])


def downgrade() -> None:
    op.drop_table("campaign_stage")
    op.drop_table("staged_campaign")
