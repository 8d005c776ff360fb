"""Likely duplicates, kept between two imports"""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duplicate_pair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("against", sa.JSON(), nullable=False),
        sa.Column("detected_at", shared.database.UtcDateTime(), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_duplicate_pair_in_order")),
        sa.ForeignKeyConstraint(
            ["establishment_id", "first_id"],
            ["guardian.establishment_id", "guardian.id"],
            name=op.f("fk_duplicate_pair_first"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id", "second_id"],
            ["guardian.establishment_id", "guardian.id"],
            name=op.f("fk_duplicate_pair_second"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_pair")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_duplicate_pair_first_id_second_id")),
    )
    op.create_index(
        "ix_duplicate_pair_establishment_id_confidence",
        "duplicate_pair",
        ["establishment_id", "confidence", "first_id", "second_id"],
    )
    op.create_index("ix_duplicate_pair_second_id", "duplicate_pair", ["second_id"])


def downgrade() -> None:
    op.drop_table("duplicate_pair")
