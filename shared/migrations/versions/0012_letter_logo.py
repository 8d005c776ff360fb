"""The logo at the head of the letters of an establishment"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_logo",
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(picture) <= 500000", name=op.f("ck_letter_logo_picture")),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["establishment.id"], name=op.f("fk_letter_logo_establishment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("establishment_id", name=op.f("pk_letter_logo")),
    )


def downgrade() -> None:
    op.drop_table("letter_logo")
