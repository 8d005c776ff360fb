"""Téléservices that know families by the portal, what families agreed to give them, and the keys that say so"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_keys()
    _create_clients()
    _create_consents()
    _create_logins()


def _create_keys() -> None:
    op.create_table(
        "openid_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=False),
        sa.Column("public", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("signs_from", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("retired_at IS NULL OR retired_at >= signs_from", name=op.f("ck_openid_key_life")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openid_key")),
        sa.UniqueConstraint("name", name=op.f("uq_openid_key_name")),
    )


def _create_clients() -> None:
    op.create_table(
        "openid_client",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("teleservice_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("former_secret_hash", sa.String(length=64), nullable=True),
        sa.Column("former_secret_until", UtcDateTime(), nullable=True),
        sa.Column("pairwise_key", sa.LargeBinary(), nullable=False),
        sa.Column("return_addresses", sa.JSON(), nullable=False),
        sa.Column("after_logout_addresses", sa.JSON(), nullable=False),
        sa.Column("logout_address", sa.String(length=500), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("everywhere", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("is_open", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        _points("openid_client", "teleservice_id", "teleservice"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openid_client")),
        sa.UniqueConstraint("teleservice_id", name=op.f("uq_openid_client_teleservice_id")),
        sa.UniqueConstraint("client_id", name=op.f("uq_openid_client_client_id")),
    )
    op.create_table(
        "openid_client_school",
        sa.Column("openid_client_id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        _points("openid_client_school", "openid_client_id", "openid_client"),
        _points("openid_client_school", "establishment_id", "establishment"),
        sa.PrimaryKeyConstraint("openid_client_id", "establishment_id", name=op.f("pk_openid_client_school")),
    )
    op.create_index("ix_openid_client_school_establishment_id", "openid_client_school", ["establishment_id"])


def _create_consents() -> None:
    op.create_table(
        "openid_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("openid_client_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("students", sa.JSON(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        _points("openid_consent", "account_id", "account"),
        _points("openid_consent", "openid_client_id", "openid_client"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openid_consent")),
        sa.UniqueConstraint(
            "account_id", "openid_client_id", name=op.f("uq_openid_consent_account_id_openid_client_id")
        ),
    )
    op.create_index("ix_openid_consent_openid_client_id", "openid_consent", ["openid_client_id"])


def _create_logins() -> None:
    op.create_table(
        "openid_login",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("openid_client_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("session_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_openid_login_attempts")),
        _points("openid_login", "openid_client_id", "openid_client"),
        _points("openid_login", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openid_login")),
        sa.UniqueConstraint("sid", name=op.f("uq_openid_login_sid")),
        sa.UniqueConstraint(
            "openid_client_id", "session_hash", name=op.f("uq_openid_login_openid_client_id_session_hash")
        ),
    )
    for column in ("account_id", "session_hash", "expires_at"):
        op.create_index(f"ix_openid_login_{column}", "openid_login", [column])
    op.create_table(
        "openid_pass",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("openid_login_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("return_address", sa.String(length=500), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("challenge", sa.String(length=128), nullable=False),
        sa.Column("nonce", sa.String(length=500), nullable=True),
        sa.Column("proved_at", UtcDateTime(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("code_until", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("token_until", UtcDateTime(), nullable=True),
        _points("openid_pass", "openid_login_id", "openid_login"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openid_pass")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_openid_pass_code_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_openid_pass_token_hash")),
    )
    for column in ("openid_login_id", "code_until"):
        op.create_index(f"ix_openid_pass_{column}", "openid_pass", [column])


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in (
        "openid_pass",
        "openid_login",
        "openid_consent",
        "openid_client_school",
        "openid_client",
        "openid_key",
    ):
        op.drop_table(table)
