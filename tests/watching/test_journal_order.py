"""Every event of the journal is read once, in order, however the transactions that write them end (R27)."""

import pytest
from sqlalchemy.orm import Session

from shared.acting.desk import Act
from shared.database import Database
from shared.journal import COMMAND
from shared.models.journal import Action
from shared.watching.journal_order import InOrder
from tests.factories import NOW
from tests.patience import wait_until


def write(session: Session, subject: str) -> None:
    Act(session, COMMAND, NOW).record(Action.ACCOUNTS_GENERATED, subject=subject)
    session.flush()


def read(database: Database, events: InOrder, limit: int = 100) -> list[str]:
    with database.reading() as session:
        return [event.subject for event in events.next_page(session, limit)]


def test_events_come_in_order_and_once(database: Database) -> None:
    for subject in "abc":
        with database.writing() as session:
            write(session, subject)
    events, found = InOrder(0), list[str]()
    wait_until(lambda: found.extend(read(database, events, 2)) or found[2:], "all are read")
    assert found == ["a", "b", "c"]
    assert read(database, events) == []
    assert read(database, InOrder(events.last_id)) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_event_whose_transaction_ends_late_is_waited_for(database: Database) -> None:
    with database.writing() as session:
        write(session, "first")
    events = InOrder(0)
    wait_until(lambda: read(database, events), "the first is read")
    with database.writing() as slow:
        write(slow, "slow")
        with database.writing() as quick:
            write(quick, "quick")
        assert [read(database, events) for _ in range(3)] == [[], [], []]
    found: list[str] = []
    wait_until(lambda: found.extend(read(database, events)) or found[1:], "both are read")
    assert found == ["slow", "quick"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_number_that_nobody_will_write_is_not_waited_for(database: Database) -> None:
    with database.writing() as session:
        write(session, "first")
    events = InOrder(0)
    wait_until(lambda: read(database, events), "the first is read")
    with database.writing() as undone:
        write(undone, "undone")
        undone.rollback()
    with database.writing() as session:
        write(session, "last")
    found: list[str] = []
    # Whatever else is written on this server, in any database, is waited for too.
    wait_until(lambda: found.extend(read(database, events)) or found, "it goes on")
    assert found == ["last"]
