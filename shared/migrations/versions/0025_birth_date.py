"""Students whom SIECLE gives no possible birth date"""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NONE_KNOWN = date(1900, 1, 1)
"""What a student without birth date gets on the way back: the next import has the right one, or leaves the student."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(sa.Column("birth_date", sa.Date(), nullable=True))
    else:
        op.alter_column("student", "birth_date", existing_type=sa.Date(), nullable=True)


def downgrade() -> None:
    student = sa.table("student", sa.column("birth_date", sa.Date()))
    op.execute(sa.update(student).where(student.c.birth_date.is_(None)).values(birth_date=NONE_KNOWN))
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(sa.Column("birth_date", sa.Date(), nullable=False, server_default=NONE_KNOWN.isoformat()))
    else:
        op.alter_column("student", "birth_date", existing_type=sa.Date(), nullable=False)


def _make_anew(column: sa.Column[date]) -> None:
    """SQLite changes no column, and a table made anew would take with it, as it goes, all that points to its rows."""
    op.alter_column("student", "birth_date", new_column_name="former_birth_date")
    op.add_column("student", column)
    op.execute("UPDATE student SET birth_date = former_birth_date")
    op.drop_column("student", "former_birth_date")
