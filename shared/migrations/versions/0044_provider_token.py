"""What ends the session of a provider as well, kept with the session that it opened"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff_session", sa.Column("provider_token", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("staff_session", "provider_token")
