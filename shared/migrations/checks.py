"""Kinds that a table may hold, on a table that others point to."""

import sqlalchemy as sa
from alembic import op


def let_kinds_be(table: str, before: tuple[str, ...], kinds: tuple[str, ...]) -> None:
    """Hold the column `kind` of `table`, which is one of `before` now, to `kinds`.

    Made anew on SQLite, as a batch of Alembic would, the table would take along the rows of all those that point to it.
    """
    check = op.f(f"ck_{table}_kind")
    if op.get_bind().dialect.name == "sqlite":
        _rewrite(table, f"kind IN {before}", f"kind IN {kinds}")
        return
    op.drop_constraint(check, table, type_="check")
    op.create_check_constraint(check, table, sa.text(f"kind IN {kinds}"))


def _rewrite(table: str, before: str, after: str) -> None:
    """Change what SQLite holds the table to be; its rows stay (https://sqlite.org/lang_altertable.html)."""
    bind = op.get_bind()
    written = bind.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).scalar_one()
    if before not in written:
        raise ValueError(f"{table} is not as the migrations made it")
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    bind.exec_driver_sql("UPDATE sqlite_master SET sql = ? WHERE name = ?", (written.replace(before, after), table))
    # Every connection reads the tables anew.
    bind.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema = OFF")
