"""The INE of students: only those that are known are indexed

SQLite holds an index for useless when the most frequent value, that of nobody known, is frequent enough, and compares
all students with all others instead.
"""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

INDEX, KNOWN = "ix_student_ine", sa.text("ine IS NOT NULL")


def upgrade() -> None:
    op.drop_index(INDEX, "student")
    op.create_index(INDEX, "student", ["ine"], sqlite_where=KNOWN, postgresql_where=KNOWN)


def downgrade() -> None:
    op.drop_index(INDEX, "student")
    op.create_index(INDEX, "student", ["ine"])
