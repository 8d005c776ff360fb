"""What a fiche kept had been refused before a fusion let it wait for another account"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "set_aside_wait",
        sa.Column("fusion_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=False),
        sa.Column("tie_id", sa.Integer(), nullable=False),
        sa.Column("brought_by_id", sa.Integer(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_set_aside_wait_{column}"), ondelete="CASCADE"
            )
            for column, table in (
                ("fusion_id", "fusion"),
                ("guardian_id", "guardian"),
                ("tie_id", "account_tie"),
                ("brought_by_id", "fusion"),
            )
        ),
        sa.PrimaryKeyConstraint("fusion_id", name=op.f("pk_set_aside_wait")),
    )
    for column in ("guardian_id", "tie_id", "brought_by_id"):
        op.create_index(f"ix_set_aside_wait_{column}", "set_aside_wait", [column])


def downgrade() -> None:
    op.drop_table("set_aside_wait")
