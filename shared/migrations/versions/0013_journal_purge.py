"""Events older than a year may leave the journal; younger ones stay as they are, whoever asks"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SAID = "the journal is append-only"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER journal_event_no_delete")
        op.execute(
            "CREATE TRIGGER journal_event_no_delete BEFORE DELETE ON journal_event "
            "WHEN OLD.at > strftime('%Y-%m-%d %H:%M:%S', 'now', '-12 months') "
            f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
        )
        return
    op.execute("DROP TRIGGER journal_event_append_only ON journal_event")
    op.execute(
        "CREATE TRIGGER journal_event_append_only BEFORE UPDATE OR TRUNCATE ON journal_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_journal_change()"
    )
    op.execute(
        "CREATE FUNCTION refuse_young_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF OLD.at > (now() AT TIME ZONE 'utc') - interval '12 months' THEN "
        f"RAISE EXCEPTION '{SAID}'; END IF; RETURN OLD; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_event_kept_a_year BEFORE DELETE ON journal_event "
        "FOR EACH ROW EXECUTE FUNCTION refuse_young_event()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER journal_event_no_delete")
        op.execute(
            "CREATE TRIGGER journal_event_no_delete BEFORE DELETE ON journal_event "
            f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
        )
        return
    op.execute("DROP TRIGGER journal_event_kept_a_year ON journal_event")
    op.execute("DROP FUNCTION refuse_young_event()")
    op.execute("DROP TRIGGER journal_event_append_only ON journal_event")
    op.execute(
        "CREATE TRIGGER journal_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_journal_change()"
    )
