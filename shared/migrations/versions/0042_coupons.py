"""Notifications on coupons that children bring home from class"""

import sqlalchemy as sa
from alembic import op

from shared.migrations.one_of import let_be

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

CHANNELS, MODES = ("mail", "paper"), ("mail", "paper", "both")
COUPON, MAIL_OR_COUPON = "coupon", "mail_or_coupon"


def upgrade() -> None:
    let_be("notification", "channel", CHANNELS, (*CHANNELS, COUPON))
    let_be("campaign", "mode", MODES, (*MODES, COUPON, MAIL_OR_COUPON))


def downgrade() -> None:
    mode = sa.column("mode", sa.String())
    op.execute(sa.delete(sa.table("campaign", mode)).where(mode.in_((COUPON, MAIL_OR_COUPON))))
    let_be("campaign", "mode", (*MODES, COUPON, MAIL_OR_COUPON), MODES)
    let_be("notification", "channel", (*CHANNELS, COUPON), CHANNELS)
