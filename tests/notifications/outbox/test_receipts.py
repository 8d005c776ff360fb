"""What the server took is known row by row, whatever becomes of the worker, of its lot or of the database (R18)."""

import threading
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import select, text, update

from shared import clock
from shared.config import Settings
from shared.database import Database
from shared.models.accounts import AccountState
from shared.models.journal import JournalEvent
from shared.models.notifications import Campaign, DeliveryState, Mode, Notification
from shared.notifications.channels.mail import MAIL
from shared.notifications.mail.worker import Postman
from shared.notifications.outbox.claiming import take_lot
from shared.notifications.outbox.receipts import HandOvers
from tests.notifications.conftest import School
from tests.smtp import Mailbox

FAMILIES = 6


@pytest.fixture
def campaign(school: School) -> Campaign:
    for index in range(FAMILIES):
        school.family("PAYET", email=f"p{index}@example.org", identifier=f"p{index}")
    return school.launch(Mode.MAIL)


def test_what_a_dead_worker_handed_over_is_settled_and_not_sent_again(
    school: School, campaign: Campaign, database: Database, postman: Postman, mailbox: Mailbox
) -> None:
    with database.writing() as session:
        lot = take_lot(session, MAIL.carried, 0, clock.now())
    assert lot is not None
    with HandOvers(database) as hand_overs:
        for row_id in lot.claimed.ids[:4]:
            hand_overs.note(lot.rows, row_id, lot.claimed.lease, lot.leased_until)
    # It dies here; its lease runs out.
    with database.writing() as session:
        session.execute(update(Notification).values(next_attempt_at=clock.now() - timedelta(seconds=1)))
    assert postman.send_due() == 2
    assert school.states(campaign) == {DeliveryState.SENT: FAMILIES}
    assert set(mailbox.recipients) == {f"p{index}@example.org" for index in (4, 5)}
    with database.reading() as session:
        told = session.scalars(select(JournalEvent.action).where(JournalEvent.action == "account_notified")).all()
        assert session.get_one(Campaign, campaign.id).finished_at is not None
    assert len(told) == FAMILIES


def test_a_note_of_a_lease_that_was_lost_changes_nothing(
    school: School, campaign: Campaign, database: Database
) -> None:
    with database.writing() as session:
        lot = take_lot(session, MAIL.carried, 0, clock.now())
    assert lot is not None
    with HandOvers(database) as hand_overs:
        hand_overs.note(lot.rows, lot.claimed.ids[0], "another lease", lot.leased_until)
    assert {row.handed_over_at for row in school.rows(campaign)} == {None}


def test_a_worker_told_to_stop_gives_the_rest_of_its_lot_back(
    school: School, campaign: Campaign, database: Database, settings: Settings, mailbox: Mailbox
) -> None:
    stopping = Event()
    mailbox.answer_data = lambda address: stopping.set() if address.startswith("p1@") else None  # type: ignore[func-returns-value]
    assert Postman(database, settings, stopping).send_due() == 2
    assert school.states(campaign) == {DeliveryState.SENT: 2, DeliveryState.TO_SEND: FAMILIES - 2}
    assert {row.attempts for row in school.rows(campaign) if row.delivery is DeliveryState.TO_SEND} == {0}


def test_a_database_that_goes_away_for_a_moment_makes_nothing_leave_twice(
    school: School, campaign: Campaign, database: Database, postman: Postman, mailbox: Mailbox
) -> None:
    """PostgreSQL cuts every connection; SQLite is locked by another writer."""
    is_sqlite = database.engine.dialect.name == "sqlite"

    def disturb(address: str) -> None:
        if address.startswith("p2@"):
            (lock_for_a_moment if is_sqlite else cut_connections)(database)

    mailbox.answer_data = disturb
    assert postman.send_due() == FAMILIES
    assert mailbox.recipients == {f"p{index}@example.org": 1 for index in range(FAMILIES)}
    assert school.states(campaign) == {DeliveryState.SENT: FAMILIES}
    with database.reading() as session:
        states = session.execute(text("SELECT DISTINCT state FROM account")).scalars().all()
    assert states == [AccountState.NOTIFIED.value]


def cut_connections(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid != pg_backend_pid()"
            )
        )


def lock_for_a_moment(database: Database) -> None:
    locked = threading.Event()

    def hold() -> None:
        with database.writing() as session:
            session.execute(text("SELECT 1"))
            locked.set()
            threading.Event().wait(1)

    threading.Thread(target=hold).start()
    locked.wait()
