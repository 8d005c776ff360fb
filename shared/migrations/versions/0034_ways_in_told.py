"""The mail to a member of staff whose login an identity provider opens as well from now on"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

MAILS = ("confirm_email", "email_asked", "email_changed", "new_device")
JOINED = "way_in_joined"


def upgrade() -> None:
    _let_mails_be(*MAILS, JOINED)


def downgrade() -> None:
    kind = sa.column("kind", sa.String())
    op.execute(sa.delete(sa.table("staff_mail", kind)).where(kind == JOINED))
    _let_mails_be(*MAILS)


def _let_mails_be(*kinds: str) -> None:
    with op.batch_alter_table("staff_mail") as mails:
        mails.drop_constraint(op.f("ck_staff_mail_kind"), type_="check")
        mails.create_check_constraint(op.f("ck_staff_mail_kind"), sa.text(f"kind IN {kinds}"))
