"""Accounts activated without their letter: the links mailed for it, which schools allow it, who came so"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

MAILS = (
    "activation",
    "password_reset",
    "password_changed",
    "email_change",
    "email_change_asked",
    "email_changed",
    "merged",
    "passkey_added",
    "passkeys_removed",
    "changed_by_staff",
    "new_device",
)
ADDED = "self_activation"


def upgrade() -> None:
    op.create_table(
        "self_activation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("proof_hash", sa.String(length=64), nullable=True),
        sa.Column("proved_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(proof_hash IS NULL) = (proved_at IS NULL)", name=op.f("ck_self_activation_proof")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_self_activation_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_activation")),
    )
    op.create_index(op.f("ix_self_activation_account_id"), "self_activation", ["account_id"])
    op.create_index(op.f("ix_self_activation_email"), "self_activation", ["email"])
    op.create_index(op.f("ix_self_activation_expires_at"), "self_activation", ["expires_at"])
    op.create_index("ix_guardian_email", "guardian", ["email"])
    op.add_column("account", sa.Column("activated_alone", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column(
        "establishment_settings", sa.Column("self_activation", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    _let_mails_be(*MAILS, ADDED)


def downgrade() -> None:
    kind = sa.column("kind", sa.String())
    op.execute(sa.delete(sa.table("account_mail", kind)).where(kind == ADDED))
    _let_mails_be(*MAILS)
    op.drop_column("establishment_settings", "self_activation")
    op.drop_column("account", "activated_alone")
    op.drop_index("ix_guardian_email", "guardian")
    op.drop_table("self_activation")


def _let_mails_be(*kinds: str) -> None:
    with op.batch_alter_table("account_mail") as mails:
        mails.drop_constraint(op.f("ck_account_mail_kind"), type_="check")
        mails.create_check_constraint(op.f("ck_account_mail_kind"), sa.text(f"kind IN {kinds}"))
