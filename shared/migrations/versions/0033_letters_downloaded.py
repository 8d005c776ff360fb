"""Who downloaded the letters of a campaign last, and which settings staff made up their mind about"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

SETTLED = ("welcome_settled_at", "ent_settled_at", "contact_settled_at")
TRIED, LEADS_HERE = "ent_tried_at", "ent_leads_here"


def upgrade() -> None:
    op.add_column("campaign", sa.Column("letters_downloaded_at", shared.database.UtcDateTime(), nullable=True))
    op.add_column("campaign", sa.Column("letters_downloaded_by", sa.String(length=200), nullable=True))
    for name in (*SETTLED, TRIED):
        op.add_column("establishment_settings", sa.Column(name, shared.database.UtcDateTime(), nullable=True))
    op.add_column(
        "establishment_settings", sa.Column(LEADS_HERE, sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _remember_downloads()
    _remember_choices()


def downgrade() -> None:
    for name in (LEADS_HERE, TRIED, *SETTLED):
        op.drop_column("establishment_settings", name)
    op.drop_column("campaign", "letters_downloaded_by")
    op.drop_column("campaign", "letters_downloaded_at")


def _remember_downloads() -> None:
    """The journal knows who took letters before."""
    journal = sa.table(
        "journal_event",
        sa.column("id"),
        sa.column("at", shared.database.UtcDateTime()),
        sa.column("action"),
        sa.column("actor_name"),
        sa.column("details", sa.JSON()),
    )
    campaign = sa.table(
        "campaign",
        sa.column("id"),
        sa.column("letters_downloaded_at", shared.database.UtcDateTime()),
        sa.column("letters_downloaded_by"),
    )
    taken = op.get_bind().execute(
        sa.select(journal.c.details["campaign"].as_integer(), journal.c.at, journal.c.actor_name)
        .where(journal.c.action == "letters_downloaded")
        .order_by(journal.c.id)
    )
    last = {number: {"number": number, "at": at, "by": by} for number, at, by in taken}
    if last:
        op.get_bind().execute(
            sa.update(campaign)
            .where(campaign.c.id == sa.bindparam("number"))
            .values(letters_downloaded_at=sa.bindparam("at"), letters_downloaded_by=sa.bindparam("by")),
            list(last.values()),
        )


def _remember_choices() -> None:
    """Whatever differs from what a new establishment has was chosen."""
    settings = sa.table(
        "establishment_settings",
        sa.column("welcome_message"),
        sa.column("ent_link_id"),
        sa.column("ent_url"),
        sa.column("contact_active", sa.Boolean()),
        *(sa.column(name, shared.database.UtcDateTime()) for name in SETTLED),
    )
    chosen = {
        "welcome_settled_at": settings.c.welcome_message != "",
        "ent_settled_at": sa.or_(settings.c.ent_link_id.is_not(None), settings.c.ent_url.is_not(None)),
        "contact_settled_at": settings.c.contact_active,
    }
    now = datetime.now(UTC)
    for name, was_chosen in chosen.items():
        op.get_bind().execute(sa.update(settings).where(was_chosen).values({name: now}))
