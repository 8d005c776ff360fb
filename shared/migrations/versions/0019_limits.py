"""Where accounts and members of staff came in from, by its hash; counts that say themselves when they end"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

import shared.database
from shared.limits.familiar_places import FAMILIAR_FOR, hash_of_network

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ROWS_AT_ONCE = 1000


def upgrade() -> None:
    op.create_table(
        "familiar_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("place_hash", sa.String(length=64), nullable=False),
        sa.Column("seen_at", shared.database.UtcDateTime(), nullable=False),
        sa.CheckConstraint("(account_id IS NULL) != (staff_id IS NULL)", name=op.f("ck_familiar_place_owner")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_familiar_place_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_familiar_place_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_familiar_place")),
        sa.UniqueConstraint("account_id", "place_hash", name=op.f("uq_familiar_place_account_id_place_hash")),
        sa.UniqueConstraint("staff_id", "place_hash", name=op.f("uq_familiar_place_staff_id_place_hash")),
    )
    op.create_index(op.f("ix_familiar_place_seen_at"), "familiar_place", ["seen_at"])
    _remember_where_they_came_in_from()
    op.add_column("login_throttle", sa.Column("forgotten_at", shared.database.UtcDateTime(), nullable=True))
    forgotten_at = sa.column("forgotten_at", shared.database.UtcDateTime())
    an_hour_hence = datetime.now(UTC) + timedelta(hours=1)
    op.execute(sa.update(sa.table("login_throttle", forgotten_at)).values(forgotten_at=an_hour_hence))
    op.drop_index(op.f("ix_login_throttle_last_failure_at"), "login_throttle")
    _number_attempts("bigint")


def downgrade() -> None:
    # Their numbers may be larger than the column of before: counts of attempts start anew.
    op.execute("DELETE FROM login_throttle")
    _number_attempts("integer")
    op.create_index(op.f("ix_login_throttle_last_failure_at"), "login_throttle", ["last_failure_at"])
    op.drop_column("login_throttle", "forgotten_at")
    op.drop_table("familiar_place")


def _number_attempts(kind: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE login_throttle ALTER COLUMN id TYPE {kind}")
        if kind == "integer":
            op.execute("ALTER SEQUENCE login_throttle_id_seq RESTART")
        op.execute(f"ALTER SEQUENCE login_throttle_id_seq AS {kind}")


def _remember_where_they_came_in_from() -> None:
    connection = op.get_bind()
    event = sa.table(
        "journal_event",
        *(sa.column(name, sa.Integer()) for name in ("account_id", "actor_id")),
        *(sa.column(name, sa.String()) for name in ("action", "address")),
        sa.column("at", shared.database.UtcDateTime()),
    )
    for owner, numbered, action in (("account", "account_id", "login"), ("staff", "actor_id", "staff_login")):
        number, known = event.c[numbered], sa.table(owner, sa.column("id", sa.Integer()))
        logins = sa.select(number, event.c.address, sa.func.max(event.c.at).label("seen_at")).where(
            event.c.action == action, event.c.at > datetime.now(UTC) - FAMILIAR_FOR, event.c.address != ""
        )
        of_known = logins.where(number.in_(sa.select(known.c.id))).group_by(number, event.c.address)
        places: dict[tuple[int, str], datetime] = {}
        for id_, address, seen_at in connection.execute(of_known):
            place = (id_, hash_of_network(address))
            places[place] = max(seen_at, places.get(place, seen_at))
        for rows in _lots([(f"{owner}_id", *place, seen_at) for place, seen_at in places.items()]):
            _insert(connection, rows)


def _lots(rows: list[tuple[str, int, str, datetime]]) -> Iterator[list[tuple[str, int, str, datetime]]]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[start : start + ROWS_AT_ONCE]


def _insert(connection: sa.Connection, rows: list[tuple[str, int, str, datetime]]) -> None:
    place = sa.table(
        "familiar_place",
        *(sa.column(name, sa.Integer()) for name in ("account_id", "staff_id")),
        sa.column("place_hash", sa.String()),
        sa.column("seen_at", shared.database.UtcDateTime()),
    )
    values = [{owner: id_, "place_hash": hash_, "seen_at": seen_at} for owner, id_, hash_, seen_at in rows]
    connection.execute(sa.insert(place), values)
