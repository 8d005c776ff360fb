"""Restorations: what keeps work waiting until it is released, and identifiers from being given again"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "restoration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("copied_at", UtcDateTime(), nullable=True),
        sa.Column("restored_at", UtcDateTime(), nullable=False),
        sa.Column("first_index", sa.Integer(), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("standing", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "(released_at IS NULL) = (standing IS NOT NULL)", name=op.f("ck_restoration_stands_until_released")
        ),
        sa.CheckConstraint("standing", name=op.f("ck_restoration_standing")),
        sa.CheckConstraint("first_index >= 0", name=op.f("ck_restoration_first_index")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restoration")),
        sa.UniqueConstraint("standing", name=op.f("uq_restoration_standing")),
    )


def downgrade() -> None:
    op.drop_table("restoration")
