"""R27: the journal only grows."""

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from shared.database import Database
from shared.journal import SYSTEM, record
from shared.models.journal import JournalEvent
from tests.factories import NOW


@pytest.mark.parametrize("forgery", [update(JournalEvent).values(subject="autre"), delete(JournalEvent)])
def test_the_database_refuses_to_change_or_delete_an_event(database: Database, forgery: object) -> None:
    with database.writing() as session:
        record(session, "login", SYSTEM, NOW, subject="m.payet")
    with pytest.raises(DatabaseError, match="append-only"), database.writing() as session:
        session.execute(forgery)  # type: ignore[call-overload]
    with database.reading() as session:
        assert session.scalars(select(JournalEvent.subject)).all() == ["m.payet"]


def test_an_event_stands_or_falls_with_what_it_tells_of(database: Database) -> None:
    def half_done(session: Session) -> None:
        record(session, "login", SYSTEM, NOW, subject="m.payet")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), database.writing() as session:
        half_done(session)
    with database.reading() as session:
        assert session.scalars(select(JournalEvent)).all() == []
