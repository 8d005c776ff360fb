"""What each import changes for whom, what it loses, and the school year of the last files"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

CHANGES = ("arrived", "left", "moved", "renamed", "unlinked", "email")


def upgrade() -> None:
    op.add_column("last_export", sa.Column("school_year", sa.Integer(), nullable=True))
    op.add_column("school_import", sa.Column("accepted_losses", sa.String(length=64), nullable=True))
    _create_runs()
    _create_changes()


def _create_runs() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=True),
        sa.Column("file_names", sa.JSON(), nullable=False),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        sa.Column("imported_by", sa.String(length=200), nullable=False),
        sa.Column("loses", sa.Boolean(), nullable=False),
        sa.Column("losses", sa.JSON(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("seen_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name=op.f("ck_import_run_seen_by")),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_import_run_establishment_id_establishment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["school_import.id"],
            name=op.f("fk_import_run_upload_id_school_import"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index("ix_import_run_establishment_id_id", "import_run", ["establishment_id", "id"])
    op.create_index("ix_import_run_upload_id", "import_run", ["upload_id"])
    to_see = sa.text("seen_at IS NULL AND loses")
    op.create_index(
        "ix_import_run_to_see",
        "import_run",
        ["establishment_id", "id"],
        sqlite_where=to_see,
        postgresql_where=to_see,
    )


def _create_changes() -> None:
    change = sa.Enum(*CHANGES, name="change", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "import_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("change", change, nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=True),
        sa.Column("guardian_id", sa.Integer(), nullable=True),
        sa.Column("former", sa.String(length=320), nullable=True),
        sa.Column("present", sa.String(length=320), nullable=True),
        sa.CheckConstraint("(student_id IS NULL) != (guardian_id IS NULL)", name=op.f("ck_import_change_one_person")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_import_change_run_id_import_run"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_import_change_establishment_id_establishment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id", "student_id"],
            ["student.establishment_id", "student.id"],
            name="fk_import_change_student",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id", "guardian_id"],
            ["guardian.establishment_id", "guardian.id"],
            name="fk_import_change_guardian",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_change")),
    )
    op.create_index("ix_import_change_run_id_change_id", "import_change", ["run_id", "change", "id"])
    for sort in ("student", "guardian"):
        op.create_index(f"ix_import_change_{sort}_id", "import_change", [f"{sort}_id"])


def downgrade() -> None:
    op.drop_table("import_change")
    op.drop_table("import_run")
    with op.batch_alter_table("school_import") as batch:
        batch.drop_column("accepted_losses")
    with op.batch_alter_table("last_export") as batch:
        batch.drop_column("school_year")
