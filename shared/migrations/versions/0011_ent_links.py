"""The ENT that establishments choose from the list of the académie"""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CHECKS = {
    "ent_label": "(ent_label IS NULL) = (ent_url IS NULL)",
    "ent_url": "ent_url LIKE 'http://%' OR ent_url LIKE 'https://%'",
    "one_ent": "ent_link_id IS NULL OR ent_url IS NULL",
    "ent_only": "letter_type <> 'ent_only' OR ent_url IS NOT NULL OR ent_link_id IS NOT NULL",
}


def upgrade() -> None:
    op.create_table(
        "ent_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("retired_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("url LIKE 'http://%' OR url LIKE 'https://%'", name=op.f("ck_ent_link_url")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ent_link")),
        sa.UniqueConstraint("label", name=op.f("uq_ent_link_label")),
    )
    # What no rule would have written, and that the checks below would not let stay.
    op.execute("UPDATE establishment_settings SET ent_label = 'ENT' WHERE ent_label IS NULL AND ent_url IS NOT NULL")
    op.execute("UPDATE establishment_settings SET ent_label = NULL WHERE ent_url IS NULL")
    op.execute("UPDATE establishment_settings SET letter_type = 'mixed' WHERE ent_url IS NULL")
    with op.batch_alter_table("establishment_settings") as settings:
        settings.add_column(sa.Column("ent_link_id", sa.Integer(), nullable=True))
        settings.create_foreign_key(op.f("fk_establishment_settings_ent_link_id"), "ent_link", ["ent_link_id"], ["id"])
        for name, holds in CHECKS.items():
            settings.create_check_constraint(op.f(f"ck_establishment_settings_{name}"), sa.text(holds))
        settings.create_index(op.f("ix_establishment_settings_ent_link_id"), ["ent_link_id"])


def downgrade() -> None:
    op.execute(
        "UPDATE establishment_settings SET"
        " ent_label = (SELECT label FROM ent_link WHERE ent_link.id = ent_link_id),"
        " ent_url = (SELECT url FROM ent_link WHERE ent_link.id = ent_link_id),"
        " ent_link_id = NULL WHERE ent_link_id IS NOT NULL"
    )
    with op.batch_alter_table("establishment_settings") as settings:
        settings.drop_index(op.f("ix_establishment_settings_ent_link_id"))
        for name in CHECKS:
            settings.drop_constraint(op.f(f"ck_establishment_settings_{name}"), type_="check")
        settings.drop_constraint(op.f("fk_establishment_settings_ent_link_id"), type_="foreignkey")
        settings.drop_column("ent_link_id")
    op.drop_table("ent_link")
