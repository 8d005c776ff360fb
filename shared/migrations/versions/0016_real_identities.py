"""What is tried again by hand in a cancelled campaign, which mails tell of which pairs, and an index on what waits"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ONE_OCCASION = "uq_duplicates_mail_establishment_id_recipient_created_at"
ONE_ANNOUNCEMENT = "uq_duplicates_mail_announcement_recipient"


def upgrade() -> None:
    op.add_column("notification", sa.Column("is_freed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_notification_campaign_id_delivery", "notification", ["campaign_id", "delivery", "channel"])
    op.add_column("duplicate_pair", sa.Column("announcement", sa.String(length=36), nullable=True))
    with op.batch_alter_table("duplicates_mail") as mails:
        mails.add_column(sa.Column("announcement", sa.String(length=36), nullable=True))
        mails.drop_constraint(ONE_OCCASION, type_="unique")
        mails.create_unique_constraint(ONE_ANNOUNCEMENT, ["announcement", "recipient"])


def downgrade() -> None:
    # Two mails of one instant were one before: the pairs of the later ones are known without a mail.
    op.execute(
        "DELETE FROM duplicates_mail WHERE id NOT IN"
        " (SELECT min(id) FROM duplicates_mail GROUP BY establishment_id, recipient, created_at)"
    )
    with op.batch_alter_table("duplicates_mail") as mails:
        mails.drop_constraint(ONE_ANNOUNCEMENT, type_="unique")
        mails.create_unique_constraint(ONE_OCCASION, ["establishment_id", "recipient", "created_at"])
        mails.drop_column("announcement")
    op.drop_column("duplicate_pair", "announcement")
    op.drop_index("ix_notification_campaign_id_delivery", table_name="notification")
    op.drop_column("notification", "is_freed")
