"""« Quoi de neuf »: what each member of staff has read"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("news_seen", sa.Integer(), nullable=True))
    op.add_column("staff", sa.Column("news_seen_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("staff", "news_seen_at")
    op.drop_column("staff", "news_seen")
