"""Members of staff who come in by an identity provider, and what it says of them"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

KINDS = ("oidc", "cas")
ROLES = ("academy", "head", "delegate")


def upgrade() -> None:
    _create_providers()
    _create_identities()
    _create_roles()
    _create_attempts()
    # No table points to it: made anew on SQLite, it takes nothing along.
    with op.batch_alter_table("staff_session") as batch:
        batch.add_column(sa.Column("provider_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("provider_session", sa.String(length=255), nullable=True))
        batch.create_foreign_key(
            "fk_staff_session_provider", "identity_provider", ["provider_id"], ["id"], ondelete="CASCADE"
        )
    op.create_index("ix_staff_session_provider_id", "staff_session", ["provider_id"])


def _create_providers() -> None:
    kind = sa.Enum(*KINDS, name="kind", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "identity_provider",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("is_open", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=200), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("trust", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind <> 'oidc' OR client_id IS NOT NULL", name=op.f("ck_identity_provider_client")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_provider")),
        sa.UniqueConstraint("kind", "address", name=op.f("uq_identity_provider_kind_address")),
    )


def _create_identities() -> None:
    op.create_table(
        "staff_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("came_in_at", UtcDateTime(), nullable=False),
        _points("staff_identity", "staff_id", "staff"),
        _points("staff_identity", "provider_id", "identity_provider"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_identity")),
        sa.UniqueConstraint("provider_id", "subject", name=op.f("uq_staff_identity_provider_id_subject")),
        sa.UniqueConstraint("staff_id", "provider_id", name=op.f("uq_staff_identity_staff_id_provider_id")),
    )


def _create_roles() -> None:
    kind = sa.Enum(*ROLES, name="kind", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "provided_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=True),
        sa.Column("tabs", sa.JSON(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'academy') = (establishment_id IS NULL)", name=op.f("ck_provided_role_establishment")
        ),
        sa.CheckConstraint(
            "begins_on IS NULL OR ends_on IS NULL OR begins_on <= ends_on", name=op.f("ck_provided_role_days")
        ),
        _points("provided_role", "staff_id", "staff"),
        _points("provided_role", "provider_id", "identity_provider"),
        _points("provided_role", "establishment_id", "establishment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provided_role")),
        sa.UniqueConstraint(
            "staff_id",
            "provider_id",
            "establishment_id",
            name=op.f("uq_provided_role_staff_id_provider_id_establishment_id"),
        ),
    )
    op.create_index("ix_provided_role_provider_id", "provided_role", ["provider_id"])
    op.create_index("ix_provided_role_establishment_id", "provided_role", ["establishment_id"])


def _create_attempts() -> None:
    op.create_table(
        "sign_on_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        _points("sign_on_attempt", "provider_id", "identity_provider"),
        _points("sign_on_attempt", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_on_attempt")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_sign_on_attempt_state_hash")),
    )
    op.create_index("ix_sign_on_attempt_expires_at", "sign_on_attempt", ["expires_at"])
    op.create_table(
        "used_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_used_token_token_hash")),
    )
    op.create_index("ix_used_token_expires_at", "used_token", ["expires_at"])


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    op.drop_index("ix_staff_session_provider_id", "staff_session")
    with op.batch_alter_table("staff_session") as batch:
        batch.drop_constraint("fk_staff_session_provider", type_="foreignkey")
        batch.drop_column("provider_session")
        batch.drop_column("provider_id")
    for table in ("used_token", "sign_on_attempt", "provided_role", "staff_identity", "identity_provider"):
        op.drop_table(table)
