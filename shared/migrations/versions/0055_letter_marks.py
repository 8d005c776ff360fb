"""A mark of the letter's password outlives it for a while, so that whoever types it again is told what became of it"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_mark",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.LargeBinary(length=3), nullable=False),
        sa.Column("chosen_at", UtcDateTime(), nullable=False),
        sa.Column("forgotten_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_letter_mark_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_letter_mark")),
    )
    op.create_index("ix_letter_mark_forgotten_at", "letter_mark", ["forgotten_at"])


def downgrade() -> None:
    op.drop_table("letter_mark")
