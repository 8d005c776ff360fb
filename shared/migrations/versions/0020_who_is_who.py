"""Keys that changed hands leave their fiche, students held under two keys, and INE that are none (R31)"""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

UNSEEN = sa.text("seen_at IS NULL")
FORGET_WHAT_IS_NO_INE = {
    "sqlite": (
        "UPDATE student SET ine = NULL"
        " WHERE NOT (ine GLOB '[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][A-Z]'"
        " OR ine GLOB '[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][A-Z][A-Z]')"
        " OR (replace(substr(ine, 1, 9), substr(ine, 1, 1), '') = ''"
        " AND (substr(ine, 10, 1) = substr(ine, 1, 1) OR substr(ine, 10, 1) GLOB '[A-Z]'))"
    ),
    "postgresql": (
        "UPDATE student SET ine = NULL"
        r" WHERE ine !~ '^([0-9]{10}[A-Z]|[0-9]{9}[A-Z]{2})$' OR ine ~ '^([0-9])\1{8}(\1|[A-Z])'"
    ),
}


def upgrade() -> None:
    for person in ("student", "guardian"):
        op.add_column(person, sa.Column("former_siecle_id", sa.String(length=20), nullable=True))
    op.execute("UPDATE student SET ine = upper(trim(ine)) WHERE ine != upper(trim(ine))")
    op.execute(FORGET_WHAT_IS_NO_INE[op.get_bind().dialect.name])
    op.create_table(
        "second_key",
        sa.Column("establishment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("siecle_id", sa.String(length=20), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_second_key_establishment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id", "student_id"],
            ["student.establishment_id", "student.id"],
            name="fk_second_key_student",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("establishment_id", "siecle_id", name=op.f("pk_second_key")),
    )
    op.create_index("ix_second_key_student_id", "second_key", ["student_id"])
    create_changes()


def create_changes() -> None:
    fiches = [f"{which}_{sort}_id" for sort in ("guardian", "student") for which in ("former", "present")]
    op.create_table(
        "identity_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("now_another", "now_one", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("siecle_id", sa.String(length=20), nullable=False),
        *(sa.Column(fiche, sa.Integer(), nullable=True) for fiche in fiches),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("found_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("seen_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("seen_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name=op.f("ck_identity_change_seen_by")),
        sa.CheckConstraint(
            "(former_guardian_id IS NULL) = (present_guardian_id IS NULL)"
            " AND (former_student_id IS NULL) = (present_student_id IS NULL)"
            " AND (former_guardian_id IS NULL) != (former_student_id IS NULL)",
            name=op.f("ck_identity_change_two_fiches_of_one_sort"),
        ),
        sa.CheckConstraint("former_guardian_id != present_guardian_id", name=op.f("ck_identity_change_two_guardians")),
        sa.CheckConstraint("former_student_id != present_student_id", name=op.f("ck_identity_change_two_students")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_identity_change_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_identity_change_establishment_id"),
            ondelete="CASCADE",
        ),
        *(
            sa.ForeignKeyConstraint(
                ["establishment_id", fiche],
                [f"{sort}.establishment_id", f"{sort}.id"],
                name=f"fk_identity_change_{fiche.removesuffix('_id')}",
                ondelete="CASCADE",
            )
            for fiche, sort in zip(fiches, ("guardian", "guardian", "student", "student"), strict=True)
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_change")),
    )
    for fiche in (*fiches, "account_id"):
        op.create_index(f"ix_identity_change_{fiche}", "identity_change", [fiche])
    op.create_index("ix_identity_change_establishment_id_id", "identity_change", ["establishment_id", "id"])
    op.create_index(
        "ix_identity_change_unseen",
        "identity_change",
        ["establishment_id", "id"],
        sqlite_where=UNSEEN,
        postgresql_where=UNSEEN,
    )


def downgrade() -> None:
    op.drop_table("identity_change")
    op.drop_table("second_key")
    for person in ("student", "guardian"):
        op.drop_column(person, "former_siecle_id")
