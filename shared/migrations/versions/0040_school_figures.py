"""How far each school is, counted day by day; the events of no school and no account, found by an index"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

SORTED = ("uai", "name", "imported_at", "accounts", "notified", "active", "rate", "duplicates", "failures")
LATEST: dict[str, Any] = {"sqlite_where": sa.text("is_latest = 1"), "postgresql_where": sa.text("is_latest")}
OF_ACADEMY = "coalesce(establishment_id, account_id) IS NULL AND action <> 'login_refused'"
IN_SCHOOLS = "actor_kind = 'staff' AND account_id IS NULL AND establishment_id IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "school_figures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.Column("is_latest", sa.Boolean(), nullable=False),
        sa.Column("uai", sa.String(8), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        *_counts("accounts", "notified", "active", "rate", "duplicates", "failures"),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_school_figures_establishment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_figures")),
        sa.UniqueConstraint("establishment_id", "day", name=op.f("uq_school_figures_establishment_id_day")),
    )
    op.create_index("ix_school_figures_day", "school_figures", ["day"])
    op.create_index("ix_school_figures_latest", "school_figures", ["establishment_id"], unique=True, **LATEST)
    for column in SORTED:
        op.create_index(f"ix_school_figures_{column}", "school_figures", [column, "id"], **LATEST)
    op.create_table(
        "academy_figures",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        *_counts("schools", "imported", "with_accounts", "accounts", "notified", "active", "duplicates", "failures"),
        *_counts("notified_mean", "active_mean"),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_academy_figures")),
    )
    _index("ix_journal_event_of_academy", ["id"], OF_ACADEMY)
    _index("ix_journal_event_in_schools", ["actor_id", "id"], IN_SCHOOLS)


def downgrade() -> None:
    for name in ("ix_journal_event_in_schools", "ix_journal_event_of_academy"):
        op.drop_index(name, "journal_event")
    op.drop_table("academy_figures")
    op.drop_table("school_figures")


def _counts(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _index(name: str, columns: list[str], rows: str) -> None:
    op.create_index(name, "journal_event", columns, sqlite_where=sa.text(rows), postgresql_where=sa.text(rows))
