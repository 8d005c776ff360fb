"""Duplicates that are settled elsewhere because both fiches are protected, and those that staff left for later"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

STANDING = sa.text("undone_at IS NULL")


def upgrade() -> None:
    op.add_column("duplicate_pair", sa.Column("times_skipped", sa.Integer(), server_default="0", nullable=False))
    referral = sa.Enum("parent", "siecle", name="referral", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "referred_fiches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.String(length=200), nullable=True),
        sa.Column("referral", referral, nullable=False),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_referred_fiches_undone_by")),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_referred_fiches_in_order")),
        *(_of_the_school(column) for column in ("first_id", "second_id")),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_referred_fiches_establishment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referred_fiches")),
    )
    op.create_index("ix_referred_fiches_establishment_id_id", "referred_fiches", ["establishment_id", "id"])
    op.create_index(
        "uq_referred_fiches_first_id_second_id_standing",
        "referred_fiches",
        ["first_id", "second_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def _of_the_school(column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["establishment_id", column],
        ["guardian.establishment_id", "guardian.id"],
        name=op.f(f"fk_referred_fiches_establishment_id_{column}"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    op.drop_table("referred_fiches")
    op.drop_column("duplicate_pair", "times_skipped")
