"""ENTs that know families by the portal, what families agreed to tell them, and the keys that say so"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "establishment_settings", sa.Column("ent_is_open", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    _create_keys()
    _create_services()
    _create_consents()
    _create_entries()


def _create_keys() -> None:
    op.create_table(
        "ent_key",
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("signs_from", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("retired_at IS NULL OR retired_at >= signs_from", name=op.f("ck_ent_key_life")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ent_key")),
        sa.UniqueConstraint("name", name=op.f("uq_ent_key_name")),
    )


def _create_services() -> None:
    op.create_table(
        "ent_service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ent_link_id", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.String(length=500), nullable=False),
        sa.Column("consumers", sa.JSON(), nullable=False),
        sa.Column("consumer_indexes", sa.JSON(), nullable=False),
        sa.Column("certificates", sa.JSON(), nullable=False),
        sa.Column("logout_address", sa.String(length=500), nullable=True),
        sa.Column("pairwise_key", sa.LargeBinary(), nullable=False),
        sa.Column("is_open", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        _points("ent_service", "ent_link_id", "ent_link"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ent_service")),
        sa.UniqueConstraint("ent_link_id", name=op.f("uq_ent_service_ent_link_id")),
        sa.UniqueConstraint("entity_id", name=op.f("uq_ent_service_entity_id")),
    )


def _create_consents() -> None:
    op.create_table(
        "ent_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("ent_service_id", sa.Integer(), nullable=False),
        sa.Column("students", sa.JSON(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        _points("ent_consent", "account_id", "account"),
        _points("ent_consent", "ent_service_id", "ent_service"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ent_consent")),
        sa.UniqueConstraint("account_id", "ent_service_id", name=op.f("uq_ent_consent_account_id_ent_service_id")),
    )
    op.create_index("ix_ent_consent_ent_service_id", "ent_consent", ["ent_service_id"])


def _create_entries() -> None:
    op.create_table(
        "ent_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ent_service_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=256), nullable=False),
        sa.Column("session_hash", sa.String(length=64), nullable=False),
        sa.Column("session_index", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        _points("ent_entry", "ent_service_id", "ent_service"),
        _points("ent_entry", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ent_entry")),
        sa.UniqueConstraint("session_index", name=op.f("uq_ent_entry_session_index")),
        sa.UniqueConstraint("ent_service_id", "request_id", name=op.f("uq_ent_entry_ent_service_id_request_id")),
    )
    for column in ("account_id", "expires_at"):
        op.create_index(f"ix_ent_entry_{column}", "ent_entry", [column])


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in ("ent_entry", "ent_consent", "ent_service", "ent_key"):
        op.drop_table(table)
    op.drop_column("establishment_settings", "ent_is_open")
