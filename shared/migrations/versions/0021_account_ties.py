"""What ties accounts to establishments, and the fiches that wait for a family's answer

An account kept from another establishment stays where that establishment's base says that the student left. Where it
does not, or where nothing there is the same student (INE and birth date), nobody has ever said that both are one
family: the fiche holds the account no more, and the family is asked. All other accounts are confirmed.
"""

# ruff: noqa: S608 - the names put into statements are those of our own tables
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

import shared.database

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MAILS = (
    "activation",
    "password_reset",
    "password_changed",
    "email_change",
    "email_change_asked",
    "email_changed",
    "merged",
    "passkey_added",
    "passkeys_removed",
)
NEW_MAIL = "changed_by_staff"
ROWS_AT_ONCE = 500
WELL_FORMED_INE = re.compile(r"(?!0+[A-Z])(\d{10}[A-Z]|\d{9}[A-Z]{2})")
REFUSAL = "a fiche holds an account only through a confirmed tie"

Pair = tuple[int, int]
"""An account and an establishment."""


def upgrade() -> None:
    _make_tables()
    _fill(datetime.now(UTC))
    _guard_fiches()
    _let_mails_be(*MAILS, NEW_MAIL)


def downgrade() -> None:
    kind = sa.column("kind", sa.String())
    op.execute(sa.delete(sa.table("account_mail", kind)).where(kind == NEW_MAIL))
    _let_mails_be(*MAILS)
    _leave_fiches_alone()
    for fiche in ("guardian", "student"):
        op.execute(
            f"UPDATE {fiche} SET account_kept = true, account_id = (SELECT account_id FROM account_tie"
            f" JOIN proposed_fiche ON tie_id = account_tie.id WHERE {fiche}_id = {fiche}.id)"
            f" WHERE account_id IS NULL AND id IN (SELECT {fiche}_id FROM proposed_fiche"
            f" JOIN account_tie ON account_tie.id = tie_id WHERE state = 'proposed')"
        )
    with op.batch_alter_table("notification") as notification:
        notification.drop_index("uq_notification_campaign_id_tie_id")
        notification.drop_index("ix_notification_tie_id")
        notification.drop_constraint(op.f("fk_notification_tie_id"), type_="foreignkey")
        notification.drop_column("tie_id")
    op.execute("DELETE FROM merged_fiche WHERE was_proposed")
    op.drop_column("merged_fiche", "was_proposed")
    for table in ("merged_tie", "proposed_fiche", "account_tie"):
        op.drop_table(table)


def _make_tables() -> None:
    op.create_table(
        "account_tie",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("state", _one_of("state", *STATES), nullable=False),
        sa.Column("confirmed_by", _one_of("confirmed_by", *CONFIRMED_BY), nullable=True),
        sa.Column("made_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("settled_at", shared.database.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'confirmed') = (confirmed_by IS NOT NULL)", name=op.f("ck_account_tie_confirmed_by_whom")
        ),
        sa.CheckConstraint("(state = 'proposed') = (settled_at IS NULL)", name=op.f("ck_account_tie_settled")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_tie_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["establishment.id"], name=op.f("fk_account_tie_establishment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_tie")),
        sa.UniqueConstraint("account_id", "establishment_id", name=op.f("uq_account_tie_account_id_establishment_id")),
    )
    op.create_index("ix_account_tie_establishment_id_state_id", "account_tie", ["establishment_id", "state", "id"])
    op.create_table(
        "proposed_fiche",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tie_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=True),
        sa.Column("student_id", sa.Integer(), nullable=True),
        sa.Column("fusion_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(guardian_id IS NULL) != (student_id IS NULL)", name=op.f("ck_proposed_fiche_one_fiche")),
        *(
            sa.ForeignKeyConstraint(
                [f"{column}_id"], [f"{table}.id"], name=op.f(f"fk_proposed_fiche_{column}_id"), ondelete="CASCADE"
            )
            for column, table in (
                ("tie", "account_tie"),
                ("guardian", "guardian"),
                ("student", "student"),
                ("fusion", "fusion"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposed_fiche")),
        sa.UniqueConstraint("guardian_id", name=op.f("uq_proposed_fiche_guardian_id")),
        sa.UniqueConstraint("student_id", name=op.f("uq_proposed_fiche_student_id")),
    )
    op.create_index("ix_proposed_fiche_tie_id", "proposed_fiche", ["tie_id"])
    op.create_index("ix_proposed_fiche_fusion_id", "proposed_fiche", ["fusion_id"])
    op.create_table(
        "merged_tie",
        sa.Column("merge_id", sa.Integer(), nullable=False),
        sa.Column("tie_id", sa.Integer(), nullable=False),
        sa.Column("state_before", _one_of("state_before", *STATES), nullable=True),
        sa.Column("settled_before", shared.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merge_id"], ["account_merge.id"], name=op.f("fk_merged_tie_merge_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tie_id"], ["account_tie.id"], name=op.f("fk_merged_tie_tie_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("merge_id", "tie_id", name=op.f("pk_merged_tie")),
    )
    op.create_index("ix_merged_tie_tie_id", "merged_tie", ["tie_id"])
    op.add_column("merged_fiche", sa.Column("was_proposed", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("notification") as notification:
        notification.add_column(sa.Column("tie_id", sa.Integer(), nullable=True))
        notification.create_foreign_key(
            op.f("fk_notification_tie_id"), "account_tie", ["tie_id"], ["id"], ondelete="SET NULL"
        )
        notification.create_index("ix_notification_tie_id", ["tie_id"])
        notification.create_index("uq_notification_campaign_id_tie_id", ["campaign_id", "tie_id"], unique=True)


STATES = ("proposed", "confirmed", "refused")
CONFIRMED_BY = ("generation", "family", "departure", "academy")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _fill(now: datetime) -> None:
    """A tie for each account and establishment whose fiche holds it."""
    origin = sa.text(
        "SELECT fiche.account_id, fiche.establishment_id, min(CASE WHEN fiche.account_kept THEN 1 ELSE 0 END),"
        " min(coalesce(guardian.establishment_id, student.establishment_id))"
        " FROM (SELECT account_id, establishment_id, account_kept FROM guardian WHERE account_id IS NOT NULL"
        " UNION ALL SELECT account_id, establishment_id, account_kept FROM student WHERE account_id IS NOT NULL) fiche"
        " JOIN account ON account.id = fiche.account_id"
        " LEFT JOIN guardian ON guardian.id = origin_guardian_id"
        " LEFT JOIN student ON student.id = origin_student_id"
        " GROUP BY fiche.account_id, fiche.establishment_id"
    )
    kept: list[Pair] = []
    confirmed: dict[Pair, str] = {}
    for account, school, was_kept, made_in in op.get_bind().execute(origin):
        if was_kept:
            kept.append((account, school))
        else:
            # Of another school and not kept: its holder merged two accounts, with the password of each.
            confirmed[account, school] = "generation" if made_in in (None, school) else "family"
    left = _where_the_student_left(now.date()) if kept else set()
    confirmed |= dict.fromkeys(left.intersection(kept), "departure")
    _write_ties(now, confirmed, [pair for pair in kept if pair not in left])
    _propose()


def _write_ties(now: datetime, confirmed: dict[Pair, str], proposed: Collection[Pair]) -> None:
    columns = ("account_id", "establishment_id", "state", "confirmed_by")
    instants = [sa.column(name, shared.database.UtcDateTime()) for name in ("made_at", "settled_at")]
    tie = sa.table("account_tie", *map(sa.column, columns), *instants)
    rows: list[dict[str, Any]] = [
        dict(zip(columns, (*pair, "confirmed", by), strict=True)) | {"made_at": now, "settled_at": now}
        for pair, by in confirmed.items()
    ]
    rows += [
        dict(zip(columns, (*pair, "proposed", None), strict=True)) | {"made_at": now, "settled_at": None}
        for pair in proposed
    ]
    for lot in _lots(rows):
        op.bulk_insert(tie, lot)


def _propose() -> None:
    for fiche in ("guardian", "student"):
        held = f"FROM {fiche} JOIN account_tie USING (account_id, establishment_id) WHERE state = 'proposed'"
        op.execute(f"INSERT INTO proposed_fiche (tie_id, {fiche}_id) SELECT account_tie.id, {fiche}.id {held}")
        op.execute(f"UPDATE {fiche} SET account_id = NULL WHERE id IN (SELECT {fiche}_id FROM proposed_fiche)")


def _where_the_student_left(today: date) -> set[Pair]:
    """The accounts and establishments of which every student that is known elsewhere too has left there."""
    children = (
        "SELECT account_id, holder.establishment_id, student_id FROM guardian AS holder"
        " JOIN guardianship ON guardian_id = holder.id WHERE account_id IS NOT NULL"
        " UNION SELECT account_id, establishment_id, id FROM student WHERE account_id IS NOT NULL"
    )
    same = sa.text(
        "SELECT mine.account_id, mine.establishment_id, here.ine,"
        " there.gone_at IS NULL AND (there.left_on IS NULL OR there.left_on > :today) AS is_present,"
        f" EXISTS (SELECT 1 FROM ({children}) AS other"
        " WHERE other.account_id = mine.account_id AND other.student_id = there.id) AS is_held"
        f" FROM ({children}) AS mine JOIN student AS here ON here.id = mine.student_id"
        " JOIN student AS there ON there.ine = here.ine AND there.birth_date = here.birth_date"
        " AND there.establishment_id != here.establishment_id"
        " WHERE (mine.account_id, mine.establishment_id) IN"
        " (SELECT account_id, establishment_id FROM guardian WHERE account_kept"
        " UNION SELECT account_id, establishment_id FROM student WHERE account_kept)"
    ).bindparams(sa.bindparam("today", today, sa.Date()))
    found: dict[Pair, list[tuple[bool, bool]]] = defaultdict(list)
    for account, school, ine, is_present, is_held in op.get_bind().execute(same):
        if WELL_FORMED_INE.fullmatch(ine.upper()):
            found[account, school].append((bool(is_present), bool(is_held)))
    return {
        pair
        for pair, seen in found.items()
        if any(is_held for _, is_held in seen) and not any(is_present for is_present, _ in seen)
    }


def _lots(rows: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    return (rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE))


def _guard_fiches() -> None:
    """Let no fiche hold an account but through a confirmed tie; the first one of an account is its own school's."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    now = "strftime('%Y-%m-%d %H:%M:%f000', 'now')" if is_sqlite else "now() AT TIME ZONE 'utc'"
    first = (
        "INSERT INTO account_tie (account_id, establishment_id, state, confirmed_by, made_at, settled_at)"
        f" SELECT NEW.account_id, NEW.establishment_id, 'confirmed', 'generation', {now}, {now}"
        " WHERE NOT EXISTS (SELECT 1 FROM account_tie WHERE account_id = NEW.account_id);"
    )
    unconfirmed = (
        "NOT EXISTS (SELECT 1 FROM account_tie WHERE account_id = NEW.account_id"
        " AND establishment_id = NEW.establishment_id AND state = 'confirmed')"
    )
    if not is_sqlite:
        op.execute(
            "CREATE FUNCTION hold_account_through_tie() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"{first} IF {unconfirmed} THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'check_violation'; END IF; "
            "RETURN NEW; END $$"
        )
    for fiche in ("guardian", "student"):
        for verb, event in (("insert", "INSERT"), ("update", "UPDATE OF account_id")):
            trigger = f"{fiche}_account_tie_{verb} AFTER {event} ON {fiche}"
            body = (
                f"BEGIN {first} SELECT RAISE(ABORT, '{REFUSAL}') WHERE {unconfirmed}; END"
                if is_sqlite
                else "EXECUTE FUNCTION hold_account_through_tie()"
            )
            op.execute(f"CREATE TRIGGER {trigger} FOR EACH ROW WHEN (NEW.account_id IS NOT NULL) {body}")


def _leave_fiches_alone() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for fiche in ("guardian", "student"):
        for verb in ("insert", "update"):
            op.execute(f"DROP TRIGGER {fiche}_account_tie_{verb}" + ("" if is_sqlite else f" ON {fiche}"))
    if not is_sqlite:
        op.execute("DROP FUNCTION hold_account_through_tie()")


def _let_mails_be(*kinds: str) -> None:
    allowed = sa.text(f"kind IN {kinds}")
    with op.batch_alter_table("account_mail") as mails:
        mails.drop_constraint(op.f("ck_account_mail_kind"), type_="check")
        mails.create_check_constraint(op.f("ck_account_mail_kind"), allowed)
