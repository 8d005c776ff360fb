"""A school may write anew what its coupons say"""

import sqlalchemy as sa
from alembic import op

from shared.migrations.one_of import let_be

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

TABLE = "letter_text"
PARTS = ("header", "body")
ADDED = "coupon"


def upgrade() -> None:
    let_be(TABLE, "part", PARTS, (*PARTS, ADDED))


def downgrade() -> None:
    part = sa.column("part", sa.String())
    op.execute(sa.delete(sa.table(TABLE, part)).where(part == ADDED))
    let_be(TABLE, "part", (*PARTS, ADDED), PARTS)
