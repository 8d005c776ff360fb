"""Links that only a key gave, in a students' file of a later day: they do not tell who a guardian is"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("guardianship", sa.Column("by_key_only", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("guardianship", "by_key_only")
