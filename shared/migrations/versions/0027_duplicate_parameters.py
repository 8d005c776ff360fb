"""What the detection of duplicates estimated for each school"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duplicate_parameters",
        sa.Column("establishment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("estimated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_duplicate_parameters_establishment_id_establishment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("establishment_id", name=op.f("pk_duplicate_parameters")),
    )


def downgrade() -> None:
    op.drop_table("duplicate_parameters")
