"""Letters on paper: the address that each bears, and that it came back"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "posted_letter",
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("returned_at", UtcDateTime(), nullable=True),
        sa.Column("returned_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_posted_letter_notification_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_posted_letter_establishment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("notification_id", name=op.f("pk_posted_letter")),
    )
    came_back = sa.text("returned_at IS NOT NULL")
    op.create_index(
        "ix_posted_letter_returned",
        "posted_letter",
        ["establishment_id", "returned_at"],
        sqlite_where=came_back,
        postgresql_where=came_back,
    )


def downgrade() -> None:
    op.drop_table("posted_letter")
