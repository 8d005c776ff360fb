"""What the académie looks for among ties, and when a school looked at a family's « non »"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

NAME = "ix_account_tie_from_files"
FROM_FILES = "confirmed_by IS NULL OR confirmed_by <> 'generation'"


def upgrade() -> None:
    only = sa.text(FROM_FILES)
    op.create_index(NAME, "account_tie", ["made_at"], sqlite_where=only, postgresql_where=only)
    op.add_column("account_tie", sa.Column("refusal_seen_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("account_tie", "refusal_seen_at")
    op.drop_index(NAME, "account_tie")
