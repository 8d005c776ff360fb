"""Passkeys of accounts, the questions put to them, and the mails that tell of them"""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MAILS = ("activation", "password_reset", "password_changed", "email_change", "email_changed", "merged")
MAILS_OF_PASSKEYS = ("passkey_added", "passkeys_removed")


def upgrade() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("created_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("last_used_at", shared.database.UtcDateTime(), nullable=True),
        sa.CheckConstraint("sign_count >= 0", name=op.f("ck_passkey_sign_count")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_passkey_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_account_id"), "passkey", ["account_id"])
    op.create_table(
        "passkey_challenge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", shared.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_passkey_challenge_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey_challenge")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_passkey_challenge_token_hash")),
    )
    op.create_index(op.f("ix_passkey_challenge_account_id"), "passkey_challenge", ["account_id"])
    op.create_index(op.f("ix_passkey_challenge_expires_at"), "passkey_challenge", ["expires_at"])
    op.add_column("account", sa.Column("passkey_handle", sa.LargeBinary(length=64), nullable=True))
    _let_mails_be(*MAILS, *MAILS_OF_PASSKEYS)


def downgrade() -> None:
    kind = sa.column("kind", sa.String())
    op.execute(sa.delete(sa.table("account_mail", kind)).where(kind.in_(MAILS_OF_PASSKEYS)))
    _let_mails_be(*MAILS)
    op.drop_column("account", "passkey_handle")
    op.drop_table("passkey_challenge")
    op.drop_table("passkey")


def _let_mails_be(*kinds: str) -> None:
    allowed = sa.text(f"kind IN {kinds}")
    with op.batch_alter_table("account_mail") as mails:
        mails.drop_constraint(op.f("ck_account_mail_kind"), type_="check")
        mails.create_check_constraint(op.f("ck_account_mail_kind"), allowed)
