"""Which version looked for duplicates among the fiches of a school as they are: none did yet"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("establishment", sa.Column("compared_by", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("establishment", "compared_by")
