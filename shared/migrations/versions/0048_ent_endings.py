"""Where an ENT is asked to end its session, and by what name it knows each entry

ENTs that are connected already are asked once their metadata are replaced.
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ent_service", sa.Column("ending_address", sa.String(length=500), nullable=True))
    op.add_column("ent_entry", sa.Column("is_transient", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("ent_entry", "is_transient")
    op.drop_column("ent_service", "ending_address")
