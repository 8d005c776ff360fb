"""The mail to the address of an account of which another one is asked for"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MAILS = (
    "activation",
    "password_reset",
    "password_changed",
    "email_change",
    "email_changed",
    "merged",
    "passkey_added",
    "passkeys_removed",
)
ASKED = "email_change_asked"


def upgrade() -> None:
    _let_mails_be(*MAILS, ASKED)


def downgrade() -> None:
    kind = sa.column("kind", sa.String())
    op.execute(sa.delete(sa.table("account_mail", kind)).where(kind == ASKED))
    _let_mails_be(*MAILS)


def _let_mails_be(*kinds: str) -> None:
    with op.batch_alter_table("account_mail") as mails:
        mails.drop_constraint(op.f("ck_account_mail_kind"), type_="check")
        mails.create_check_constraint(op.f("ck_account_mail_kind"), sa.text(f"kind IN {kinds}"))
