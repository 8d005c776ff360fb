"""An event of more than a year may leave the journal, and could not before."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from shared import schema
from shared.database import Database

EVENT = (
    "INSERT INTO journal_event (at, action, actor_kind, actor_name, subject, details)"
    " VALUES ('2020-09-01 08:00:00', 'login', 'system', '', '', '{}')"
)


def delete_all(database: Database) -> int:
    with database.engine.begin() as connection:
        return connection.execute(text("DELETE FROM journal_event")).rowcount


def test_old_events_may_go_since_this_version_only(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text(EVENT))
    schema.downgrade(database.engine, "0012")
    with pytest.raises(DatabaseError, match="append-only"):
        delete_all(database)
    schema.upgrade(database.engine)
    assert delete_all(database) == 1
