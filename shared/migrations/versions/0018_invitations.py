"""Delegations that wait for the owner of the login to accept them"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("staff_role") as roles:
        roles.add_column(sa.Column("invitation_hash", sa.String(length=200), nullable=True))
        roles.add_column(sa.Column("invited_name", sa.String(length=200), nullable=True))
        roles.create_check_constraint(
            op.f("ck_staff_role_invitation"), "(invitation_hash IS NULL) = (invited_name IS NULL)"
        )
        roles.create_check_constraint(
            op.f("ck_staff_role_only_delegates_are_invited"), "invitation_hash IS NULL OR kind = 'delegate'"
        )


def downgrade() -> None:
    # The version before would open what its owner never accepted.
    roles = sa.table("staff_role", sa.column("invitation_hash"))
    op.execute(sa.delete(roles).where(roles.c.invitation_hash.is_not(None)))
    with op.batch_alter_table("staff_role") as roles_before:
        roles_before.drop_constraint(op.f("ck_staff_role_only_delegates_are_invited"), type_="check")
        roles_before.drop_constraint(op.f("ck_staff_role_invitation"), type_="check")
        roles_before.drop_column("invited_name")
        roles_before.drop_column("invitation_hash")
