"""When the browser of a member of staff gave a code of the second factor"""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty for the browsers open now: where a second factor is set, they log in once more.
    op.add_column("staff_session", sa.Column("factor_proved_at", shared.database.UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("staff_session", "factor_proved_at")
