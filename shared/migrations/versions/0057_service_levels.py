"""Téléservices for some levels of class: « Bourse de lycée » is not for a sixth-grader"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

_COLLEGE, _LYCEE = ["6e", "5e", "4e", "3e"], ["2de", "1re", "Terminale"]
DELIVERED = {
    "bourse-college": _COLLEGE,
    # Those of the third ask for the year that follows.
    "bourse-lycee": ["3e", *_LYCEE],
    "inscription-lycee": ["3e", *_LYCEE],
    "affectation": ["3e"],
}


def upgrade() -> None:
    op.add_column("teleservice", sa.Column("levels", sa.JSON(), server_default="[]", nullable=False))
    service = sa.table("teleservice", sa.column("code", sa.String()), sa.column("levels", sa.JSON()))
    for code, levels in DELIVERED.items():
        op.execute(service.update().where(service.c.code == code).values(levels=levels))


def downgrade() -> None:
    op.drop_column("teleservice", "levels")
