"""First tables"""

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

IDENTIFIER = sa.String(length=50).with_variant(sa.String(length=50, collation="C"), "postgresql")
NAME_KEY = sa.String(length=250).with_variant(sa.String(length=250, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "establishment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uai", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address_line1", sa.String(length=100), nullable=True),
        sa.Column("address_line2", sa.String(length=100), nullable=True),
        sa.Column("postal_code", sa.String(length=10), nullable=True),
        sa.Column("city", sa.String(length=100), nullable=True),
        sa.Column("phone", sa.String(length=30), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("head_civility", sa.String(length=10), nullable=True),
        sa.Column("head_name", sa.String(length=200), nullable=True),
        sa.Column("created_at", shared.database.UtcDateTime(), nullable=False),
        sa.CheckConstraint("length(uai) = 8", name=op.f("ck_establishment_uai_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_establishment")),
        sa.UniqueConstraint("uai", name=op.f("uq_establishment_uai")),
    )
    op.create_table(
        "identifier",
        sa.Column("value", IDENTIFIER, nullable=False),
        sa.Column("given_at", shared.database.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_identifier")),
    )
    op.create_table(
        "identifier_series",
        sa.Column("base", sa.String(length=50), nullable=False),
        sa.Column("next_index", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("base", name=op.f("pk_identifier_series")),
    )
    op.create_table(
        "journal_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("action", sa.String(length=50), nullable=False),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "staff",
                "account",
                "system",
                "command",
                "anonymous",
                name="actor_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("establishment_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_event")),
    )
    with op.batch_alter_table("journal_event", schema=None) as batch_op:
        batch_op.create_index("ix_journal_event_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index(
            "ix_journal_event_staff_login",
            ["actor_id"],
            unique=False,
            sqlite_where=sa.text("action = 'staff_login'"),
            postgresql_where=sa.text("action = 'staff_login'"),
        )
        batch_op.create_index("ix_journal_event_establishment_id_id", ["establishment_id", "id"], unique=False)

    op.create_table(
        "login_throttle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("realm", sa.String(length=20), nullable=False),
        sa.Column("subject_hash", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("blocked_until", shared.database.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_throttle")),
        sa.UniqueConstraint("realm", "subject_hash", name=op.f("uq_login_throttle_realm_subject_hash")),
    )
    with op.batch_alter_table("login_throttle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_throttle_last_failure_at"), ["last_failure_at"], unique=False)

    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("created_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("last_login_at", shared.database.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
    )
    op.create_table(
        "teleservice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column("open_by_default", sa.Boolean(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "guardians", "students", "both", name="audience", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("url LIKE 'http://%' OR url LIKE 'https://%'", name=op.f("ck_teleservice_url")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teleservice")),
        sa.UniqueConstraint("code", name=op.f("uq_teleservice_code")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("guardian", "student", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("identifier", IDENTIFIER, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "not_notified",
                "notified",
                "activating",
                "active",
                "merged",
                "disabled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("initial_password", sa.LargeBinary(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_verified_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("created_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("notified_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("first_login_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("activated_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("last_login_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column(
            "disabled_from",
            sa.Enum(
                "not_notified",
                "notified",
                "activating",
                "active",
                "merged",
                "disabled",
                name="disabled_from",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("origin_guardian_id", sa.Integer(), nullable=True),
        sa.Column("origin_student_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'disabled') = (disabled_from IS NOT NULL)", name=op.f("ck_account_disabled_and_from_where")
        ),
        sa.CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_account_merged_into")),
        sa.CheckConstraint(
            "(state IN ('not_notified', 'notified', 'activating')) = (expires_on IS NOT NULL)",
            name=op.f("ck_account_expires_on"),
        ),
        sa.CheckConstraint("state != 'activating' OR email IS NOT NULL", name=op.f("ck_account_email_to_confirm")),
        sa.CheckConstraint(
            "state NOT IN ('activating', 'active') OR password_hash IS NOT NULL", name=op.f("ck_account_password_hash")
        ),
        sa.CheckConstraint(
            "state NOT IN ('not_notified', 'notified') OR initial_password IS NOT NULL",
            name=op.f("ck_account_initial_password"),
        ),
        sa.CheckConstraint("merged_into_id != id", name=op.f("ck_account_not_merged_into_itself")),
        sa.ForeignKeyConstraint(["identifier"], ["identifier.value"], name=op.f("fk_account_identifier")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["account.id"], name=op.f("fk_account_merged_into_id")),
        sa.ForeignKeyConstraint(
            ["origin_guardian_id"],
            ["guardian.id"],
            name=op.f("fk_account_origin_guardian_id"),
            ondelete="SET NULL",
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(
            ["origin_student_id"],
            ["student.id"],
            name=op.f("fk_account_origin_student_id"),
            ondelete="SET NULL",
            use_alter=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("identifier", name=op.f("uq_account_identifier")),
        sa.UniqueConstraint("origin_guardian_id", name=op.f("uq_account_origin_guardian_id")),
        sa.UniqueConstraint("origin_student_id", name=op.f("uq_account_origin_student_id")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index("ix_account_email", ["email"], unique=False)
        batch_op.create_index("ix_account_expires_on", ["expires_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_merged_into_id"), ["merged_into_id"], unique=False)

    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("mail", "paper", "both", name="mode", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("created_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("finished_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("letters_removed_at", shared.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["establishment.id"], name=op.f("fk_campaign_establishment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_campaign_staff_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("request_key", name=op.f("uq_campaign_request_key")),
    )
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.create_index("ix_campaign_establishment_id_id", ["establishment_id", "id"], unique=False)

    op.create_table(
        "division",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=True),
        sa.Column("gone_at", shared.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["establishment.id"], name=op.f("fk_division_establishment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_division")),
        sa.UniqueConstraint("establishment_id", "code", name=op.f("uq_division_establishment_id_code")),
        sa.UniqueConstraint("establishment_id", "id", name=op.f("uq_division_establishment_id_id")),
    )
    op.create_table(
        "establishment_settings",
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("welcome_message", sa.Text(), nullable=False),
        sa.Column("contact_active", sa.Boolean(), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=True),
        sa.Column(
            "letter_type",
            sa.Enum("mixed", "ent_only", name="letter_type", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("ent_label", sa.String(length=100), nullable=True),
        sa.Column("ent_url", sa.String(length=500), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "NOT contact_active OR contact_email IS NOT NULL", name=op.f("ck_establishment_settings_contact_email")
        ),
        sa.CheckConstraint("length(welcome_message) <= 10000", name=op.f("ck_establishment_settings_welcome_message")),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_establishment_settings_establishment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("establishment_id", name=op.f("pk_establishment_settings")),
    )
    op.create_table(
        "last_export",
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "students",
                "guardians",
                "structures",
                "common",
                "nomenclature",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("exported_at", sa.DateTime(), nullable=False),
        sa.Column("imported_at", shared.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["establishment.id"], name=op.f("fk_last_export_establishment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("establishment_id", "kind", name=op.f("pk_last_export")),
    )
    op.create_table(
        "school_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "uploaded",
                "checking",
                "checked",
                "confirmed",
                "importing",
                "done",
                "refused",
                "abandoned",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("file_names", sa.JSON(), nullable=False),
        sa.Column("folder", sa.String(length=64), nullable=False),
        sa.Column("accept_older", sa.Boolean(), nullable=False),
        sa.Column("records_read", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.Column("refusal", sa.String(length=2000), nullable=True),
        sa.Column("leased_until", shared.database.UtcDateTime(), nullable=True),
        sa.Column("created_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("finished_at", shared.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_school_import_establishment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_school_import_staff_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_import")),
    )
    with op.batch_alter_table("school_import", schema=None) as batch_op:
        batch_op.create_index("ix_school_import_establishment_id_id", ["establishment_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_school_import_state"), ["state"], unique=False)

    op.create_table(
        "staff_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("academy", "head", "delegate", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("establishment_id", sa.Integer(), nullable=True),
        sa.Column("tabs", sa.JSON(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(kind = 'academy') = (establishment_id IS NULL)", name=op.f("ck_staff_role_establishment")),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["establishment.id"], name=op.f("fk_staff_role_establishment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_role_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_role")),
        sa.UniqueConstraint("staff_id", "establishment_id", name=op.f("uq_staff_role_staff_id_establishment_id")),
    )
    with op.batch_alter_table("staff_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_role_establishment_id"), ["establishment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_role_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "staff_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("expires_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("browser", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_session_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_session_token_hash")),
    )
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_session_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_session_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "teleservice_opening",
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("teleservice_id", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("changed_at", shared.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_teleservice_opening_establishment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["teleservice_id"],
            ["teleservice.id"],
            name=op.f("fk_teleservice_opening_teleservice_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("establishment_id", "teleservice_id", name=op.f("pk_teleservice_opening")),
    )
    op.create_table(
        "useful_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("url LIKE 'http://%' OR url LIKE 'https://%'", name=op.f("ck_useful_link_url")),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["establishment.id"], name=op.f("fk_useful_link_establishment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_useful_link")),
        sa.UniqueConstraint("establishment_id", "id", name=op.f("uq_useful_link_establishment_id_id")),
    )
    with op.batch_alter_table("useful_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_useful_link_establishment_id"), ["establishment_id"], unique=False)

    op.create_table(
        "account_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("absorbed_id", sa.Integer(), nullable=False),
        sa.Column("merged_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("undone_at", shared.database.UtcDateTime(), nullable=True),
        sa.CheckConstraint("kept_id != absorbed_id", name=op.f("ck_account_merge_two_accounts")),
        sa.ForeignKeyConstraint(["absorbed_id"], ["account.id"], name=op.f("fk_account_merge_absorbed_id")),
        sa.ForeignKeyConstraint(["kept_id"], ["account.id"], name=op.f("fk_account_merge_kept_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_merge")),
    )
    with op.batch_alter_table("account_merge", schema=None) as batch_op:
        batch_op.create_index("ix_account_merge_kept_id", ["kept_id"], unique=False)
        batch_op.create_index(
            "uq_account_merge_absorbed_id_standing",
            ["absorbed_id"],
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )

    op.create_table(
        "account_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("expires_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("browser", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_session_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_account_session_token_hash")),
    )
    with op.batch_alter_table("account_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_session_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_session_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "guardian",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("civility", sa.String(length=10), nullable=True),
        sa.Column("accepts_sms", sa.Boolean(), nullable=True),
        sa.Column("profession_code", sa.String(length=2), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("account_kept", sa.Boolean(), nullable=False),
        sa.Column("siecle_id", sa.String(length=20), nullable=False),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("usage_name", sa.String(length=100), nullable=True),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("name_key", NAME_KEY, nullable=False),
        sa.Column("birth_name_key", NAME_KEY, nullable=False),
        sa.Column(
            "name_flag",
            sa.Enum(
                "comment",
                "lost_character",
                "digits",
                "no_first_name",
                name="name_flag",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("home_phone", sa.String(length=30), nullable=True),
        sa.Column("mobile_phone", sa.String(length=30), nullable=True),
        sa.Column("work_phone", sa.String(length=30), nullable=True),
        sa.Column("address_line1", sa.String(length=100), nullable=True),
        sa.Column("address_line2", sa.String(length=100), nullable=True),
        sa.Column("address_line3", sa.String(length=100), nullable=True),
        sa.Column("address_line4", sa.String(length=100), nullable=True),
        sa.Column("po_box", sa.String(length=100), nullable=True),
        sa.Column("postal_code", sa.String(length=10), nullable=True),
        sa.Column("city", sa.String(length=100), nullable=True),
        sa.Column("country", sa.String(length=100), nullable=True),
        sa.Column("gone_at", shared.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_guardian_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["establishment.id"], name=op.f("fk_guardian_establishment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian")),
        sa.UniqueConstraint("establishment_id", "id", name=op.f("uq_guardian_establishment_id_id")),
        sa.UniqueConstraint("establishment_id", "siecle_id", name=op.f("uq_guardian_establishment_id_siecle_id")),
    )
    with op.batch_alter_table("guardian", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guardian_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "ix_guardian_establishment_id_birth_name_key", ["establishment_id", "birth_name_key"], unique=False
        )
        batch_op.create_index(
            "ix_guardian_establishment_id_name_key_id", ["establishment_id", "name_key", "id"], unique=False
        )

    op.create_table(
        "letter_lot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("first_position", sa.Integer(), nullable=False),
        sa.Column("positions", sa.JSON(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", shared.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_letter_lot_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_lot")),
        sa.UniqueConstraint("campaign_id", "first_position", name=op.f("uq_letter_lot_campaign_id_first_position")),
    )
    with op.batch_alter_table("letter_lot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_lot_created_at"), ["created_at"], unique=False)

    op.create_table(
        "mailed_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "activation",
                "password_reset",
                "email_change",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("created_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("expires_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("used_at", shared.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_mailed_link_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_link")),
    )
    with op.batch_alter_table("mailed_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mailed_link_account_id"), ["account_id"], unique=False)

    op.create_table(
        "student",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("ine", sa.String(length=20), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=True),
        sa.Column("entered_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("division_id", sa.Integer(), nullable=True),
        sa.Column("scholarship", sa.Boolean(), nullable=False),
        sa.Column("previous_uai", sa.String(length=8), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("account_kept", sa.Boolean(), nullable=False),
        sa.Column("siecle_id", sa.String(length=20), nullable=False),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("usage_name", sa.String(length=100), nullable=True),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("name_key", NAME_KEY, nullable=False),
        sa.Column("birth_name_key", NAME_KEY, nullable=False),
        sa.Column(
            "name_flag",
            sa.Enum(
                "comment",
                "lost_character",
                "digits",
                "no_first_name",
                name="name_flag",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("home_phone", sa.String(length=30), nullable=True),
        sa.Column("mobile_phone", sa.String(length=30), nullable=True),
        sa.Column("work_phone", sa.String(length=30), nullable=True),
        sa.Column("address_line1", sa.String(length=100), nullable=True),
        sa.Column("address_line2", sa.String(length=100), nullable=True),
        sa.Column("address_line3", sa.String(length=100), nullable=True),
        sa.Column("address_line4", sa.String(length=100), nullable=True),
        sa.Column("po_box", sa.String(length=100), nullable=True),
        sa.Column("postal_code", sa.String(length=10), nullable=True),
        sa.Column("city", sa.String(length=100), nullable=True),
        sa.Column("country", sa.String(length=100), nullable=True),
        sa.Column("gone_at", shared.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_student_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id", "division_id"],
            ["division.establishment_id", "division.id"],
            name=op.f("fk_student_establishment_id_division_id"),
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["establishment.id"], name=op.f("fk_student_establishment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student")),
        sa.UniqueConstraint("establishment_id", "id", name=op.f("uq_student_establishment_id_id")),
        sa.UniqueConstraint("establishment_id", "siecle_id", name=op.f("uq_student_establishment_id_siecle_id")),
    )
    with op.batch_alter_table("student", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_student_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "ix_student_establishment_id_division_id", ["establishment_id", "division_id"], unique=False
        )
        batch_op.create_index(
            "ix_student_establishment_id_name_key_id", ["establishment_id", "name_key", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_student_ine"), ["ine"], unique=False)

    op.create_table(
        "account_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "activation",
                "password_reset",
                "password_changed",
                "email_change",
                "email_changed",
                "merged",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column(
            "delivery",
            sa.Enum(
                "to_send",
                "sending",
                "to_retry",
                "sent",
                "printed",
                "refused",
                "skipped",
                name="delivery",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("lease", sa.String(length=36), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("settled_at", shared.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_mail_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["mailed_link.id"], name=op.f("fk_account_mail_link_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_mail")),
    )
    with op.batch_alter_table("account_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_mail_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_account_mail_delivery_next_attempt_at", ["delivery", "next_attempt_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_mail_link_id"), ["link_id"], unique=False)
        batch_op.create_index("ix_account_mail_settled_at", ["settled_at"], unique=False)

    op.create_table(
        "guardianship",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=False),
        sa.Column("legal_rank", sa.Integer(), nullable=True),
        sa.Column("kinship_code", sa.String(length=10), nullable=True),
        sa.Column("pays_fees", sa.Boolean(), nullable=True),
        sa.Column("receives_aid", sa.Boolean(), nullable=True),
        sa.Column("gone_at", shared.database.UtcDateTime(), nullable=True),
        sa.CheckConstraint("legal_rank IN (1, 2)", name=op.f("ck_guardianship_legal_rank")),
        sa.ForeignKeyConstraint(
            ["establishment_id", "guardian_id"],
            ["guardian.establishment_id", "guardian.id"],
            name=op.f("fk_guardianship_establishment_id_guardian_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id", "student_id"],
            ["student.establishment_id", "student.id"],
            name=op.f("fk_guardianship_establishment_id_student_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardianship")),
        sa.UniqueConstraint("student_id", "guardian_id", name=op.f("uq_guardianship_student_id_guardian_id")),
    )
    with op.batch_alter_table("guardianship", schema=None) as batch_op:
        batch_op.create_index("ix_guardianship_establishment_id", ["establishment_id"], unique=False)
        batch_op.create_index("ix_guardianship_guardian_id", ["guardian_id"], unique=False)

    op.create_table(
        "merged_fiche",
        sa.Column("merge_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name=op.f("fk_merged_fiche_guardian_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["merge_id"], ["account_merge.id"], name=op.f("fk_merged_fiche_merge_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("merge_id", "guardian_id", name=op.f("pk_merged_fiche")),
    )
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("guardian_id", sa.Integer(), nullable=True),
        sa.Column("student_id", sa.Integer(), nullable=True),
        sa.Column(
            "channel",
            sa.Enum("mail", "paper", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("recipient", sa.String(length=254), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "delivery",
            sa.Enum(
                "to_send",
                "sending",
                "to_retry",
                "sent",
                "printed",
                "refused",
                "skipped",
                name="delivery",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", shared.database.UtcDateTime(), nullable=True),
        sa.Column("lease", sa.String(length=36), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("settled_at", shared.database.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "channel != 'mail' OR recipient IS NOT NULL OR delivery = 'skipped'", name=op.f("ck_notification_recipient")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notification_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_notification_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_notification_establishment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name=op.f("fk_notification_guardian_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_notification_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("campaign_id", "account_id", name=op.f("uq_notification_campaign_id_account_id")),
    )
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notification_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_notification_delivery_next_attempt_at", ["delivery", "next_attempt_at"], unique=False)
        batch_op.create_index("ix_notification_establishment_id_id", ["establishment_id", "id"], unique=False)
        batch_op.create_index("ix_notification_settled_at", ["settled_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_guardian_id"), ["guardian_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_student_id"), ["student_id"], unique=False)

    op.create_table(
        "waiting_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=False),
        sa.Column("student_siecle_id", sa.String(length=20), nullable=False),
        sa.Column("legal_rank", sa.Integer(), nullable=True),
        sa.Column("kinship_code", sa.String(length=10), nullable=True),
        sa.Column("pays_fees", sa.Boolean(), nullable=True),
        sa.Column("receives_aid", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["establishment_id"],
            ["establishment.id"],
            name=op.f("fk_waiting_link_establishment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name=op.f("fk_waiting_link_guardian_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_link")),
        sa.UniqueConstraint(
            "guardian_id", "student_siecle_id", name=op.f("uq_waiting_link_guardian_id_student_siecle_id")
        ),
    )
    with op.batch_alter_table("waiting_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_waiting_link_establishment_id"), ["establishment_id"], unique=False)
    _close_the_circle()
    _make_the_journal_append_only()


def downgrade() -> None:
    _let_the_journal_go()
    _open_the_circle()
    with op.batch_alter_table("waiting_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_waiting_link_establishment_id"))

    op.drop_table("waiting_link")
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notification_student_id"))
        batch_op.drop_index(batch_op.f("ix_notification_guardian_id"))
        batch_op.drop_index("ix_notification_establishment_id_id")
        batch_op.drop_index("ix_notification_settled_at")
        batch_op.drop_index("ix_notification_delivery_next_attempt_at")
        batch_op.drop_index(batch_op.f("ix_notification_account_id"))

    op.drop_table("notification")
    op.drop_table("merged_fiche")
    with op.batch_alter_table("guardianship", schema=None) as batch_op:
        batch_op.drop_index("ix_guardianship_guardian_id")
        batch_op.drop_index("ix_guardianship_establishment_id")

    op.drop_table("guardianship")
    with op.batch_alter_table("account_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_mail_link_id"))
        batch_op.drop_index("ix_account_mail_settled_at")
        batch_op.drop_index("ix_account_mail_delivery_next_attempt_at")
        batch_op.drop_index(batch_op.f("ix_account_mail_account_id"))

    op.drop_table("account_mail")
    with op.batch_alter_table("student", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_student_ine"))
        batch_op.drop_index("ix_student_establishment_id_name_key_id")
        batch_op.drop_index("ix_student_establishment_id_division_id")
        batch_op.drop_index(batch_op.f("ix_student_account_id"))

    op.drop_table("student")
    with op.batch_alter_table("mailed_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mailed_link_account_id"))

    op.drop_table("mailed_link")
    with op.batch_alter_table("letter_lot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_lot_created_at"))

    op.drop_table("letter_lot")
    with op.batch_alter_table("guardian", schema=None) as batch_op:
        batch_op.drop_index("ix_guardian_establishment_id_name_key_id")
        batch_op.drop_index("ix_guardian_establishment_id_birth_name_key")
        batch_op.drop_index(batch_op.f("ix_guardian_account_id"))

    op.drop_table("guardian")
    with op.batch_alter_table("account_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_session_expires_at"))
        batch_op.drop_index(batch_op.f("ix_account_session_account_id"))

    op.drop_table("account_session")
    with op.batch_alter_table("account_merge", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_account_merge_absorbed_id_standing",
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )
        batch_op.drop_index("ix_account_merge_kept_id")

    op.drop_table("account_merge")
    with op.batch_alter_table("useful_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_useful_link_establishment_id"))

    op.drop_table("useful_link")
    op.drop_table("teleservice_opening")
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_session_staff_id"))
        batch_op.drop_index(batch_op.f("ix_staff_session_expires_at"))

    op.drop_table("staff_session")
    with op.batch_alter_table("staff_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_role_staff_id"))
        batch_op.drop_index(batch_op.f("ix_staff_role_establishment_id"))

    op.drop_table("staff_role")
    with op.batch_alter_table("school_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_school_import_state"))
        batch_op.drop_index("ix_school_import_establishment_id_id")

    op.drop_table("school_import")
    op.drop_table("last_export")
    op.drop_table("establishment_settings")
    op.drop_table("division")
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_index("ix_campaign_establishment_id_id")

    op.drop_table("campaign")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_merged_into_id"))
        batch_op.drop_index("ix_account_expires_on")
        batch_op.drop_index("ix_account_email")

    op.drop_table("account")
    op.drop_table("teleservice")
    op.drop_table("staff")
    with op.batch_alter_table("login_throttle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_throttle_last_failure_at"))

    op.drop_table("login_throttle")
    with op.batch_alter_table("journal_event", schema=None) as batch_op:
        batch_op.drop_index("ix_journal_event_establishment_id_id")
        batch_op.drop_index("ix_journal_event_staff_login")
        batch_op.drop_index("ix_journal_event_account_id_id")

    op.drop_table("journal_event")
    op.drop_table("identifier_series")
    op.drop_table("identifier")
    op.drop_table("establishment")


ORIGINS = (("origin_guardian_id", "guardian"), ("origin_student_id", "student"))


def _close_the_circle() -> None:
    # A fiche names its account and an account the fiche it came from: SQLite takes both inline, PostgreSQL the second
    # one only once both tables exist.
    if op.get_bind().dialect.name == "sqlite":
        return
    for column, table in ORIGINS:
        op.create_foreign_key(f"fk_account_{column}", "account", table, [column], ["id"], ondelete="SET NULL")


def _open_the_circle() -> None:
    if op.get_bind().dialect.name != "sqlite":
        for column, _ in ORIGINS:
            op.drop_constraint(f"fk_account_{column}", "account", type_="foreignkey")


def _make_the_journal_append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER journal_event_no_{verb.lower()} BEFORE {verb} ON journal_event "
                "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_journal_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_journal_change()"
    )


def _let_the_journal_go() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER journal_event_no_{verb}")
        return
    op.execute("DROP TRIGGER journal_event_append_only ON journal_event")
    op.execute("DROP FUNCTION refuse_journal_change()")
