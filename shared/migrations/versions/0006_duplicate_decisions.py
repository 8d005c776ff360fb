"""Duplicates treated, and what undoes it"""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STANDING = sa.text("undone_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "fusion_lot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("made_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["establishment.id"], name=op.f("fk_fusion_lot_establishment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fusion_lot")),
    )
    op.create_index("ix_fusion_lot_establishment_id_id", "fusion_lot", ["establishment_id", "id"])
    op.create_table(
        "distinct_fiches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("undone_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_distinct_fiches_undone_by")),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_distinct_fiches_in_order")),
        sa.ForeignKeyConstraint(
            ["establishment_id", "first_id"],
            ["guardian.establishment_id", "guardian.id"],
            name=op.f("fk_distinct_fiches_establishment_id_first_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id", "second_id"],
            ["guardian.establishment_id", "guardian.id"],
            name=op.f("fk_distinct_fiches_establishment_id_second_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_distinct_fiches_establishment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distinct_fiches")),
    )
    op.create_index("ix_distinct_fiches_establishment_id_id", "distinct_fiches", ["establishment_id", "id"])
    op.create_index(
        "uq_distinct_fiches_first_id_second_id_standing",
        "distinct_fiches",
        ["first_id", "second_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_table(
        "fusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("kept_account_kept", sa.Boolean(), nullable=False),
        sa.Column("made_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("undone_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_fusion_undone_by")),
        sa.ForeignKeyConstraint(
            ["establishment_id", "kept_id"],
            ["guardian.establishment_id", "guardian.id"],
            name=op.f("fk_fusion_establishment_id_kept_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["establishment.id"], name=op.f("fk_fusion_establishment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["fusion_lot.id"], name=op.f("fk_fusion_lot_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fusion")),
    )
    op.create_index("ix_fusion_establishment_id_id", "fusion", ["establishment_id", "id"])
    op.create_index("ix_fusion_kept_id", "fusion", ["kept_id"])
    op.create_index("ix_fusion_lot_id", "fusion", ["lot_id"])
    op.create_table(
        "set_aside_fiche",
        sa.Column("guardian_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("gone_at", shared.database.UtcDateTime(), nullable=True),
        sa.CheckConstraint("merged_into_id != guardian_id", name=op.f("ck_set_aside_fiche_not_merged_into_itself")),
        sa.ForeignKeyConstraint(
            ["establishment_id", "guardian_id"],
            ["guardian.establishment_id", "guardian.id"],
            name=op.f("fk_set_aside_fiche_establishment_id_guardian_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id", "merged_into_id"],
            ["guardian.establishment_id", "guardian.id"],
            name=op.f("fk_set_aside_fiche_establishment_id_merged_into_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_set_aside_fiche_establishment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("guardian_id", name=op.f("pk_set_aside_fiche")),
    )
    op.create_index("ix_set_aside_fiche_establishment_id", "set_aside_fiche", ["establishment_id"])
    op.create_index("ix_set_aside_fiche_merged_into_id", "set_aside_fiche", ["merged_into_id"])
    op.create_table(
        "fused_fiche",
        sa.Column("fusion_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column(
            "account_fate",
            sa.Enum(
                "moved",
                "disabled",
                "detached",
                name="account_fate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "account_state",
            sa.Enum(
                "not_notified",
                "notified",
                "activating",
                "active",
                "merged",
                "disabled",
                name="account_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("account_expires_on", sa.Date(), nullable=True),
        sa.Column("notification_ids", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_fused_fiche_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["fusion_id"], ["fusion.id"], name=op.f("fk_fused_fiche_fusion_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name=op.f("fk_fused_fiche_guardian_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("fusion_id", "guardian_id", name=op.f("pk_fused_fiche")),
    )
    op.create_index("ix_fused_fiche_account_id", "fused_fiche", ["account_id"])
    op.create_index("ix_fused_fiche_guardian_id", "fused_fiche", ["guardian_id"])


def downgrade() -> None:
    for table in ("fused_fiche", "set_aside_fiche", "fusion", "distinct_fiches", "fusion_lot"):
        op.drop_table(table)
