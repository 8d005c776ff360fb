"""What the académie decides about coming in, and the mail that tells a family of a new device"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
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
)
NEW_MAIL = "new_device"


def upgrade() -> None:
    of_whom = ("nobody", "heads", "everybody")
    factor = sa.Enum(*of_whom, name="factor_required", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "security_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("factor_required", factor, server_default="nobody", nullable=False),
        sa.Column("tells_of_new_devices", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_security_policy_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_policy")),
    )
    _let_mails_be(*MAILS, NEW_MAIL)


def downgrade() -> None:
    kind = sa.column("kind", sa.String())
    op.execute(sa.delete(sa.table("account_mail", kind)).where(kind == NEW_MAIL))
    _let_mails_be(*MAILS)
    op.drop_table("security_policy")


def _let_mails_be(*kinds: str) -> None:
    allowed = sa.text(f"kind IN {kinds}")
    with op.batch_alter_table("account_mail") as mails:
        mails.drop_constraint(op.f("ck_account_mail_kind"), type_="check")
        mails.create_check_constraint(op.f("ck_account_mail_kind"), allowed)
