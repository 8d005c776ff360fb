"""R27: the journal only grows."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from shared import clock
from shared.acting.desk import Act
from shared.config import Settings
from shared.database import Database
from shared.journal import SYSTEM, forget_old_events
from shared.models.journal import JournalEvent
from shared.worker.daily import run_daily
from tests.factories import NOW


@pytest.mark.parametrize("forgery", [update(JournalEvent).values(subject="autre"), delete(JournalEvent)])
def test_the_database_refuses_to_change_or_delete_an_event(database: Database, forgery: object) -> None:
    with database.writing() as session:
        Act(session, SYSTEM, clock.now()).record("login", subject="m.payet")
    with pytest.raises(DatabaseError, match="append-only"), database.writing() as session:
        session.execute(forgery)  # type: ignore[call-overload]
    with database.reading() as session:
        assert session.scalars(select(JournalEvent.subject)).all() == ["m.payet"]


def test_an_event_stands_or_falls_with_what_it_tells_of(database: Database) -> None:
    def half_done(session: Session) -> None:
        Act(session, SYSTEM, NOW).record("login", subject="m.payet")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), database.writing() as session:
        half_done(session)
    with database.reading() as session:
        assert session.scalars(select(JournalEvent)).all() == []


def test_the_daily_job_forgets_what_is_older_than_the_setting_says_and_nothing_else(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.journal.PURGED_AT_ONCE", 2)
    now = clock.now()
    with database.writing() as session:
        for days in (900, 801, 800, 740, 400, 10, 0):
            Act(session, SYSTEM, now - timedelta(days=days)).record("login", subject=f"{days}")
            session.flush()
    run_daily(database, settings, now)
    assert len(subjects(database)) == 7
    run_daily(database, settings.model_copy(update={"journal_months": 24}), now)
    assert subjects(database) == ["400", "10", "0"]
    with database.reading() as session:
        purges = session.scalars(select(JournalEvent.details).where(JournalEvent.action == "journal_purged")).all()
    assert sum(details["count"] for details in purges) == 4


def subjects(database: Database) -> list[str]:
    with database.reading() as session:
        logins = select(JournalEvent.subject).where(JournalEvent.action == "login")
        return list(session.scalars(logins.order_by(JournalEvent.id)))


def test_no_setting_makes_the_database_forget_the_last_year(database: Database) -> None:
    now = clock.now()
    with database.writing() as session:
        Act(session, SYSTEM, now - timedelta(days=360)).record("login")
    with pytest.raises(DatabaseError, match="append-only"), database.writing() as session:
        forget_old_events(session, now, now)
