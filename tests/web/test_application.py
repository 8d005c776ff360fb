"""Where the transaction of a request ends: kept when the view answers, undone when it refuses or raises."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.acting.desk import Act
from shared.config import Settings
from shared.database import Database
from shared.journal import COMMAND
from shared.models.journal import Action, JournalEvent
from shared.web.application import Application, write_from_here
from shared.web.installation import installation, let_go, once_kept, session

pytestmark = pytest.mark.both_databases


def kept(database: Database) -> list[str]:
    with database.reading() as reading:
        return list(reading.scalars(select(JournalEvent.subject).order_by(JournalEvent.id)))


def note(subject: str) -> None:
    Act(session(), COMMAND, clock.now()).record(Action.EXPORTED, subject=f"Essai {subject}")


@pytest.fixture
def rung() -> list[list[str]]:
    """What was kept each time a bell rang."""
    return []


@pytest.fixture
def app(settings: Settings, database: Database, rung: list[list[str]]) -> Iterator[Flask]:
    app = Application("trial", settings, database)
    write_from_here(app)

    @app.post("/<subject>/<int:status>")
    def answer(subject: str, status: int) -> tuple[str, int]:
        note(subject)
        once_kept(lambda _settings: rung.append(kept(installation().database)))
        return "", status

    @app.post("/failing")
    def fail() -> str:
        note("before")
        let_go()
        note("after")
        raise ZeroDivisionError

    @app.get("/read")
    def read() -> str:
        return str(len(session().scalars(select(JournalEvent)).all()))

    yield app
    database.close()


@pytest.mark.parametrize("status", [200, 204, 303])
def test_what_a_view_did_is_kept_when_it_answers(app, database, rung, status):
    assert app.test_client().post(f"/done/{status}").status_code == status

    assert kept(database) == ["Essai done"]
    assert rung == [["Essai done"]], "the bell rings once what it is about can be found"


@pytest.mark.parametrize("status", [400, 404, 409, 422, 429, 503])
def test_what_a_view_did_is_undone_when_it_refuses(app, database, rung, status):
    client = app.test_client()
    assert client.post(f"/begun/{status}").status_code == status

    assert kept(database) == []
    assert rung == []
    client.post("/next/200")
    assert kept(database) == ["Essai next"]
    assert rung == [["Essai next"]], "nor does a later request ring for it"


def test_a_view_that_fails_keeps_only_what_it_let_go(app, database):
    assert app.test_client().post("/failing").status_code == 500

    assert kept(database) == ["Essai before"]


def test_a_page_that_reads_holds_nothing_when_it_has_answered(app, database):
    assert app.test_client().get("/read").text == "0"

    with database.writing() as writing:
        Act(writing, COMMAND, clock.now()).record(Action.EXPORTED, subject="Essai libre")
    assert app.test_client().get("/read").text == "1"
