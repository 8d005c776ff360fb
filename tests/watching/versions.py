"""Tables that say that they are of another version."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from shared.database import Database

LATER, EARLIER = "9999", "0001"


@contextmanager
def tables_of(database: Database, revision: str) -> Iterator[None]:
    """Let them say it, for as long as the block lasts."""
    with database.engine.begin() as connection:
        own = connection.scalar(text("SELECT version_num FROM alembic_version"))
    say = text("UPDATE alembic_version SET version_num = :revision")
    with database.engine.begin() as connection:
        connection.execute(say, {"revision": revision})
    try:
        yield
    finally:
        with database.engine.begin() as connection:
            connection.execute(say, {"revision": own})
