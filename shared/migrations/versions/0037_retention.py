"""Erasures that were announced, and the mail that announces them (R33)"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

MAILS = (
    *("activation", "password_reset", "password_changed", "email_change", "email_change_asked", "email_changed"),
    *("merged", "passkey_added", "passkeys_removed", "changed_by_staff", "new_device", "self_activation"),
)
COMING = "erasure_coming"


def upgrade() -> None:
    op.create_table(
        "account_erasure",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "reason",
            sa.Enum("unused", "without_fiche", name="reason", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("announced_at", UtcDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_erasure_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_erasure")),
    )
    op.create_index("ix_account_erasure_due_on", "account_erasure", ["due_on"])
    _let_mails_be(*MAILS, COMING)


def downgrade() -> None:
    kind = sa.column("kind", sa.String())
    op.execute(sa.delete(sa.table("account_mail", kind)).where(kind == COMING))
    _let_mails_be(*MAILS)
    op.drop_table("account_erasure")


def _let_mails_be(*kinds: str) -> None:
    with op.batch_alter_table("account_mail") as mails:
        mails.drop_constraint(op.f("ck_account_mail_kind"), type_="check")
        mails.create_check_constraint(op.f("ck_account_mail_kind"), sa.text(f"kind IN {kinds}"))
