"""Children that a parent says are not theirs, and namesakes found in the whole académie"""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WAITING = sa.text("answer IS NULL")


def upgrade() -> None:
    op.create_table(
        "wrong_child_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("reported_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum("removed", "kept", name="answer", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("answer_words", sa.String(length=500), nullable=False),
        sa.Column("answered_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_wrong_child_report_answered_at")),
        sa.ForeignKeyConstraint(
            ["establishment_id", "student_id"],
            ["student.establishment_id", "student.id"],
            name="fk_wrong_child_report_student",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id", "guardian_id"],
            ["guardian.establishment_id", "guardian.id"],
            name="fk_wrong_child_report_guardian",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_child_report")),
    )
    op.create_index(
        "uq_wrong_child_report_waiting",
        "wrong_child_report",
        ["guardian_id", "student_id"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_wrong_child_report_establishment_id_id", "wrong_child_report", ["establishment_id", "id"])
    op.create_index("ix_wrong_child_report_guardian_id", "wrong_child_report", ["guardian_id"])
    op.create_index("ix_wrong_child_report_student_id", "wrong_child_report", ["student_id"])
    op.create_index("ix_guardian_name_key", "guardian", ["name_key"])


def downgrade() -> None:
    op.drop_index("ix_guardian_name_key", "guardian")
    op.drop_table("wrong_child_report")
