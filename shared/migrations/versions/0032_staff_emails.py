"""The address that a member of staff confirms, and the mails to members of staff about their own access"""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

STATES = ("to_send", "sending", "to_retry", "sent", "printed", "refused", "skipped")
KINDS = ("confirm_email", "email_asked", "email_changed", "new_device")


def upgrade() -> None:
    op.create_table(
        "staff_email_change",
        sa.Column("staff_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("asked_at", shared.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_email_change_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_email_change")),
    )
    op.create_table(
        "staff_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of("kind", *KINDS), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("created_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("delivery", _one_of("delivery", *STATES), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("lease", sa.String(length=36), nullable=True),
        sa.Column("handed_over_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("settled_at", shared.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_mail_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_mail")),
    )
    op.create_index("ix_staff_mail_delivery_next_attempt_at", "staff_mail", ["delivery", "next_attempt_at"])
    op.create_index("ix_staff_mail_settled_at", "staff_mail", ["settled_at"])
    op.create_index("ix_staff_mail_staff_id", "staff_mail", ["staff_id"])


def downgrade() -> None:
    op.drop_table("staff_mail")
    op.drop_table("staff_email_change")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
