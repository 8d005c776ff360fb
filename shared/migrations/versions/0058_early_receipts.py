"""Receipts of SMS that a gateway calls us with, before its own answer"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sms_early_receipt",
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("arrived", sa.Boolean(), nullable=False),
        sa.Column("said", sa.String(length=100), nullable=False),
        sa.Column("is_dead_number", sa.Boolean(), nullable=False),
        sa.Column("came_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_sms_early_receipt")),
    )


def downgrade() -> None:
    op.drop_table("sms_early_receipt")
