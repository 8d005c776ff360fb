"""Mails about new likely duplicates: whom a school wants them sent to, and which pairs were told"""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATES = ("to_send", "sending", "to_retry", "sent", "printed", "refused", "skipped")


def upgrade() -> None:
    op.add_column("duplicate_pair", sa.Column("announced_at", shared.database.UtcDateTime(), nullable=True))
    op.create_table(
        "duplicates_alert",
        sa.Column("establishment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sent_to", _one_of("sent_to", "nobody", "staff", "address"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(sent_to = 'address') = (email IS NOT NULL)", name=op.f("ck_duplicates_alert_email")),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_duplicates_alert_establishment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("establishment_id", name=op.f("pk_duplicates_alert")),
    )
    op.create_table(
        "duplicates_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("created_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("delivery", _one_of("delivery", *STATES), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("lease", sa.String(length=36), nullable=True),
        sa.Column("handed_over_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("settled_at", shared.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_duplicates_mail_establishment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicates_mail")),
        sa.UniqueConstraint(
            "establishment_id",
            "recipient",
            "created_at",
            name=op.f("uq_duplicates_mail_establishment_id_recipient_created_at"),
        ),
    )
    op.create_index("ix_duplicates_mail_delivery_next_attempt_at", "duplicates_mail", ["delivery", "next_attempt_at"])


def downgrade() -> None:
    op.drop_table("duplicates_mail")
    op.drop_table("duplicates_alert")
    op.drop_column("duplicate_pair", "announced_at")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
