"""Names without the remarks that staff wrote beside them, the remarks apart, and what staff decided about them

Fiches that are there already are read again as an import would: letters would go on naming the dead until the next one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

import shared.database
from shared.models.school import Hold
from shared.persons.civilities import civility_in
from shared.persons.fiche_names import FicheNames, NoName, fiche_names

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("student", "guardian")
NAMES = ("family_name", "usage_name", "first_name")
ADDED = ("hold", "staff_note", *(f"written_{name}" for name in NAMES))
ROWS_AT_ONCE = 2_000


def upgrade() -> None:
    holds = ", ".join(f"'{hold.value}'" for hold in Hold)
    for table in TABLES:
        op.add_column(table, sa.Column("staff_note", sa.String(320), nullable=True))
        # Written out: no other way adds a column with its check in place, on either database.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN hold VARCHAR(40) CONSTRAINT ck_{table}_hold CHECK (hold IN ({holds}))"
        )
        for name in NAMES:
            op.add_column(table, sa.Column(f"written_{name}", sa.String(100), nullable=True))
        of_held = sa.text("hold IS NOT NULL")
        op.create_index(
            f"ix_{table}_held", table, ["establishment_id", "id"], sqlite_where=of_held, postgresql_where=of_held
        )
    _create_hold_decision()
    for table in TABLES:
        _read_names_again(table)
    _change_fiches_set_aside(lambda columns: columns | dict.fromkeys(ADDED) | _changes(columns, "guardian"))


def _create_hold_decision() -> None:
    answers = sa.Enum("write", "do_not_write", name="answer", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "hold_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("establishment_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=True),
        sa.Column("student_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(320), nullable=False),
        sa.Column("answer", answers, nullable=False),
        sa.Column("decided_at", shared.database.UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(200), nullable=False),
        sa.CheckConstraint("(guardian_id IS NULL) != (student_id IS NULL)", name=op.f("ck_hold_decision_of_one_fiche")),
        *(
            sa.ForeignKeyConstraint(
                ["establishment_id", f"{table}_id"],
                [f"{table}.establishment_id", f"{table}.id"],
                name=f"fk_hold_decision_{table}",
                ondelete="CASCADE",
            )
            for table in reversed(TABLES)
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold_decision")),
        sa.UniqueConstraint("guardian_id", name=op.f("uq_hold_decision_guardian_id")),
        sa.UniqueConstraint("student_id", name=op.f("uq_hold_decision_student_id")),
    )
    op.create_index("ix_hold_decision_establishment_id", "hold_decision", ["establishment_id"])


def _read_names_again(name: str) -> None:
    fiches = sa.table(name, *(sa.column(column) for column in ("id", *FicheNames._fields, "civility")))
    with_civility = name == "guardian"
    read = [fiches.c[column] for column in ("id", *NAMES, *(("civility",) if with_civility else ()))]
    connection = op.get_bind()
    for rows in _by_lots(connection, sa.select(*read), fiches.c.id):
        changed = [{"number": row["id"], **changes} for row in rows if (changes := _changes(row, name))]
        # Those of one shape together: each set of columns is one statement.
        shapes: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row in changed:
            shapes.setdefault(tuple(row), []).append(row)
        for shape, alike in shapes.items():
            values: dict[str, Any] = {column: sa.bindparam(column) for column in shape if column != "number"}
            connection.execute(sa.update(fiches).where(fiches.c.id == sa.bindparam("number")).values(values), alike)


def _by_lots(
    connection: sa.Connection, rows: sa.Select[Any], key: sa.ColumnElement[int]
) -> Iterator[Sequence[Mapping[str, Any]]]:
    last = 0
    while lot := [
        dict(row) for row in connection.execute(rows.where(key > last).order_by(key).limit(ROWS_AT_ONCE)).mappings()
    ]:
        yield lot
        last = lot[-1][key.name]


def _changes(row: Mapping[str, Any], table: str) -> dict[str, Any]:
    """What an import of today would write otherwise; nothing when nothing in it is a name."""
    changes: dict[str, Any] = {}
    try:
        names = fiche_names(*(row[name] or "" for name in NAMES), of_student=table == "student")
    except NoName:
        changes["name_flag"] = "comment"
    else:
        if names[:3] != tuple(row[name] for name in NAMES):
            changes |= {name: None if value is None else str(value) for name, value in names._asdict().items()}
    if row.get("civility") and row["civility"] != civility_in(row["civility"]):
        changes["civility"] = civility_in(row["civility"])
    return changes


def _change_fiches_set_aside(changed: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    aside = sa.table("set_aside_fiche", sa.column("guardian_id", sa.Integer), sa.column("columns", sa.JSON))
    connection = op.get_bind()
    this = sa.update(aside).where(aside.c.guardian_id == sa.bindparam("number")).values(columns=sa.bindparam("read"))
    for lot in _by_lots(connection, sa.select(aside.c.guardian_id, aside.c["columns"]), aside.c.guardian_id):
        connection.execute(this, [{"number": row["guardian_id"], "read": changed(row["columns"])} for row in lot])


def downgrade() -> None:
    """The names are again what SIECLE has; the keys that lists are sorted by follow at the next import."""
    op.drop_table("hold_decision")
    for table in TABLES:
        written = ", ".join(f"{name} = coalesce(written_{name}, {name})" for name in NAMES)
        op.execute(f"UPDATE {table} SET {written}")  # noqa: S608 - names of our own
        op.drop_index(f"ix_{table}_held", table)
        for column in ADDED:
            op.drop_column(table, column)
    _change_fiches_set_aside(
        lambda columns: {
            name: (columns.get(f"written_{name}") if name in NAMES else None) or value
            for name, value in columns.items()
            if name not in ADDED
        }
    )
