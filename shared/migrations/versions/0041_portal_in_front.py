"""A portal in front, which says by headers who comes, is a way in from elsewhere as well"""

import sqlalchemy as sa
from alembic import op

from shared.migrations.one_of import let_be

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

TABLE = "identity_provider"
KINDS = ("oidc", "cas")
ADDED = "headers"


def upgrade() -> None:
    let_be(TABLE, "kind", KINDS, (*KINDS, ADDED))


def downgrade() -> None:
    kind = sa.column("kind", sa.String())
    op.execute(sa.delete(sa.table(TABLE, kind)).where(kind == ADDED))
    let_be(TABLE, "kind", (*KINDS, ADDED), KINDS)
