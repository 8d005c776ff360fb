"""Second factor of staff; who changed what, and versions that tell two people editing the same thing.

Columns are added and dropped in place: a batch would copy the table and drop the first one, and with it, on SQLite,
every row that refers to it.
"""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

VERSIONED = ("staff_role", "establishment", "teleservice")


def upgrade() -> None:
    op.add_column("staff", sa.Column("factor_secret", sa.LargeBinary(), nullable=True))
    op.add_column("staff", sa.Column("factor_set_at", shared.database.UtcDateTime(), nullable=True))
    op.add_column("staff", sa.Column("factor_last_step", sa.Integer(), nullable=True))
    op.add_column("staff_session", sa.Column("awaits_code", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_code_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
    )
    op.create_index(op.f("ix_recovery_code_staff_id"), "recovery_code", ["staff_id"])
    for table in VERSIONED:
        op.add_column(table, sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("establishment", sa.Column("corrected_at", shared.database.UtcDateTime(), nullable=True))
    op.add_column("teleservice", sa.Column("retired_at", shared.database.UtcDateTime(), nullable=True))
    changed_by = sa.Column("changed_by", sa.String(length=200), server_default="", nullable=False)
    op.add_column("teleservice_opening", changed_by)


def downgrade() -> None:
    op.drop_column("teleservice_opening", "changed_by")
    op.drop_column("teleservice", "retired_at")
    op.drop_column("establishment", "corrected_at")
    for table in VERSIONED:
        op.drop_column(table, "version")
    op.drop_table("recovery_code")
    # A browser that still owes a code would count as logged in once nothing tells it apart.
    op.execute("DELETE FROM staff_session WHERE awaits_code")
    op.drop_column("staff_session", "awaits_code")
    for column in ("factor_last_step", "factor_set_at", "factor_secret"):
        op.drop_column("staff", column)
