"""What providers refuse of a campaign, counted by receiving domain and cause"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    causes = ("address", "sender", "full", "day", "other")
    cause = sa.Enum(*causes, name="cause", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "campaign_refusal",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(length=254), nullable=False),
        sa.Column("cause", cause, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_campaign_refusal_campaign_id_campaign"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("campaign_id", "domain", "cause", name=op.f("pk_campaign_refusal")),
    )
    op.create_index(op.f("ix_campaign_refusal_last_at"), "campaign_refusal", ["last_at"])


def downgrade() -> None:
    op.drop_table("campaign_refusal")
