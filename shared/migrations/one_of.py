"""Changes what a check constraint asks, in the table as it stands: which values a column may hold, or anything else."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def let_be(table: str, column: str, before: Sequence[str], after: Sequence[str]) -> None:
    """Let a column of `one_of`, which held the values `before`, hold those `after`."""
    let_check_be(table, column, _condition(column, before), _condition(column, after))


def let_check_be(table: str, called: str, before: str, after: str) -> None:
    """Replace the check constraint `called` so: it asked `before`, and will ask `after`, both in SQL.

    SQLite changes no constraint of a table, and writing a table anew deletes the rows that refer to it: its text is
    changed in place, which the documentation of SQLite describes for constraints that change no stored row
    (https://www.sqlite.org/lang_altertable.html, « writable_schema »).
    """
    name = f"ck_{table}_{called}"
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, sa.text(after))
        return
    _rewrite(table, f"CONSTRAINT {name} CHECK ({before})", after, name)


def _condition(column: str, values: Sequence[str]) -> str:
    named = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({named})"


def _rewrite(table: str, constraint: str, condition: str, name: str) -> None:
    connection = op.get_bind()
    written = connection.scalar(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table"), {"table": table}
    )
    if constraint not in written:
        raise LookupError(f"{table} has no {constraint}")
    changed = written.replace(constraint, f"CONSTRAINT {name} CHECK ({condition})")
    version = connection.scalar(sa.text("PRAGMA schema_version"))
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :table"),
        {"sql": changed, "table": table},
    )
    # Every connection reads the tables anew, this one included.
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))
