"""Letters that establishments write"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LETTERS = (
    "guardian_new_account",
    "guardian_activation_reminder",
    "guardian_new_password",
    "guardian_reminder",
    "student_new_account",
    "student_new_password",
    "student_reminder",
)


def upgrade() -> None:
    op.create_table(
        "letter_text",
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column(
            "letter",
            sa.Enum(*LETTERS, name="letter", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "part",
            sa.Enum("header", "body", name="part", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_letter_text_establishment_id_establishment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("establishment_id", "letter", "part", name=op.f("pk_letter_text")),
    )


def downgrade() -> None:
    op.drop_table("letter_text")
