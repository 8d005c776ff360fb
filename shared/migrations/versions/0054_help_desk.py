"""« Assistance »: a role of staff that finds accounts and unblocks them, in one establishment or in all"""

from alembic import op

from shared.migrations.one_of import let_be, let_check_be

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

TABLES = ("staff_role", "provided_role")
KINDS, ADDED = ("academy", "head", "delegate"), "help_desk"
PLACE = "(kind = 'academy') = (establishment_id IS NULL)"
PLACE_AFTER = f"kind = '{ADDED}' OR {PLACE}"


def upgrade() -> None:
    for table in TABLES:
        let_be(table, "kind", KINDS, (*KINDS, ADDED))
        let_check_be(table, "establishment", PLACE, PLACE_AFTER)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DELETE FROM {table} WHERE kind = '{ADDED}'")  # noqa: S608 - names of our own
        let_check_be(table, "establishment", PLACE_AFTER, PLACE)
        let_be(table, "kind", (*KINDS, ADDED), KINDS)
