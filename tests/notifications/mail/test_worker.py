"""Mails are sent once each, whatever the server does (R18)."""

import logging
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from shared import clock
from shared.config import Settings
from shared.database import Database
from shared.models.accounts import AccountState
from shared.models.journal import JournalEvent
from shared.models.notifications import AccountMailKind, Campaign, DeliveryState, Mode, Notification
from shared.models.reasons import Reason
from shared.notifications.campaigns.progress import NotificationNotFound, NotRefused, try_again
from shared.notifications.mail import worker
from shared.notifications.mail.worker import LONGEST_MAIL, Postman
from shared.notifications.outbox.leases import RETRY_DELAYS, claim, settle
from shared.outbox import AccountMessage, queue_account_mail
from shared.rows.leases import LEASE
from tests.factories import INITIAL_PASSWORD, NOW, at_desk, make_establishment
from tests.notifications.conftest import School
from tests.smtp import Mailbox, address_in


def families(school: School, number: int) -> None:
    for index in range(number):
        school.family("PAYET", email=f"p{index}@example.org", identifier=f"p{index}")


def test_every_account_gets_one_mail_and_becomes_notified(school: School, postman: Postman, mailbox: Mailbox) -> None:
    account, _, _ = school.family("PAYET", email="m.payet@example.org")
    families(school, 4)
    campaign = school.launch(Mode.MAIL)
    assert postman.send_due() == 5
    assert postman.send_due() == 0
    assert set(mailbox.recipients.values()) == {1}
    assert school.states(campaign) == {DeliveryState.SENT: 5}
    seen = school.account(account)
    assert seen.state is AccountState.NOTIFIED
    assert seen.notified_at is not None
    with school.database.reading() as session:
        assert session.get_one(Campaign, campaign.id).finished_at is not None
        actions = session.scalars(select(JournalEvent.action).where(JournalEvent.account_id == account.id)).all()
    assert list(actions) == ["account_notified"]


def test_an_address_refused_for_good_is_refused_with_the_servers_words(
    school: School, postman: Postman, mailbox: Mailbox
) -> None:
    families(school, 3)
    mailbox.answer_recipient = lambda address: "550 5.1.1 unknown user" if address.startswith("p1@") else None
    campaign = school.launch(Mode.MAIL)
    assert postman.send_due() == 2
    assert [row.error for row in school.rows(campaign) if row.delivery is DeliveryState.REFUSED] == [
        "réponse du serveur de courriel : 550 5.1.1 unknown user"
    ]
    assert school.states(campaign) == {DeliveryState.SENT: 2, DeliveryState.REFUSED: 1}


def test_a_refused_mail_can_be_tried_again_at_the_address_known_by_then(
    school: School, postman: Postman, mailbox: Mailbox
) -> None:
    _, guardian, _ = school.family("PAYET", email="wrong@example.org")
    mailbox.answer_recipient = lambda address: "550 unknown" if address.startswith("wrong") else None
    campaign = school.launch(Mode.MAIL)
    postman.send_due()
    guardian.email = "right@example.org"
    instant = clock.now()
    (row,) = school.rows(campaign)
    desk = at_desk(school.session, school.establishment.id, now=instant)
    try_again(desk, row.id)
    school.session.commit()
    assert postman.send_due() == 1
    assert len(mailbox.to("right@example.org")) == 1
    with pytest.raises(NotRefused):
        try_again(desk, row.id)
    other = make_establishment(school.session, "9740002B")
    with pytest.raises(NotificationNotFound):
        try_again(at_desk(school.session, other.id, now=instant), row.id)


def test_a_mail_put_off_is_sent_later_once(school: School, postman: Postman, mailbox: Mailbox) -> None:
    families(school, 2)
    mailbox.answer_recipient = lambda address: "450 try later" if address.startswith("p1@") else None
    campaign = school.launch(Mode.MAIL)
    assert postman.send_due() == 1
    assert school.states(campaign) == {DeliveryState.SENT: 1, DeliveryState.TO_RETRY: 1}
    mailbox.answer_recipient = lambda _: None
    assert postman.send_due() == 0
    with time_machine.travel(clock.now() + RETRY_DELAYS[0], tick=False):
        assert postman.send_due() == 1
    assert set(mailbox.recipients.values()) == {1}


def test_a_mail_put_off_again_and_again_is_given_up(school: School, postman: Postman, mailbox: Mailbox) -> None:
    families(school, 1)
    mailbox.answer_recipient = lambda _: "450 try later"
    campaign = school.launch(Mode.MAIL)
    instant = clock.now()
    waits = []
    for _ in range(len(RETRY_DELAYS) + 1):
        with time_machine.travel(instant, tick=False):
            postman.send_due()
        (row,) = school.rows(campaign)
        if row.next_attempt_at is None:
            break
        waits.append(row.next_attempt_at - instant)
        instant = row.next_attempt_at
    assert waits == list(RETRY_DELAYS)
    assert row.delivery is DeliveryState.REFUSED
    assert "450" in (row.error or "")


def test_a_server_that_is_away_loses_nothing_and_counts_no_attempt(
    school: School, database: Database, settings: Settings, mailbox: Mailbox
) -> None:
    families(school, 3)
    campaign = school.launch(Mode.MAIL)
    away = Postman(database, settings.model_copy(update={"smtp_port": 1}), Event())
    assert away.send_due() == 0
    rows = school.rows(campaign)
    # The round ended with the first: a server that is away is not hammered.
    assert [row.delivery for row in rows].count(DeliveryState.TO_RETRY) == 1
    assert {row.attempts for row in rows} == {0}
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        assert Postman(database, settings, Event()).send_due() == 3
    assert set(mailbox.recipients.values()) == {1}


def test_a_connection_dropped_before_acceptance_loses_nothing(
    school: School, postman: Postman, mailbox: Mailbox
) -> None:
    families(school, 3)
    mailbox.hang_up_before_accepting = ["p1@example.org"]
    campaign = school.launch(Mode.MAIL)
    instant = clock.now()
    for minutes in range(3):
        with time_machine.travel(instant + timedelta(minutes=2 * minutes), tick=False):
            postman.send_due()
    assert school.states(campaign) == {DeliveryState.SENT: 3}
    assert mailbox.recipients == {f"p{index}@example.org": 1 for index in range(3)}


def test_a_mail_accepted_unknown_to_us_comes_again_under_the_same_message_id(
    school: School, postman: Postman, mailbox: Mailbox
) -> None:
    families(school, 3)
    mailbox.hang_up_after_accepting = ["p1@example.org"]
    campaign = school.launch(Mode.MAIL)
    instant = clock.now()
    for minutes in range(3):
        with time_machine.travel(instant + timedelta(minutes=2 * minutes), tick=False):
            postman.send_due()
    assert school.states(campaign) == {DeliveryState.SENT: 3}
    assert len({message["Message-ID"] for message in mailbox.messages}) == 3
    assert len({message["Message-ID"] for message in mailbox.to("p1@example.org")}) == 1


def test_a_lease_that_ran_out_is_taken_over_and_the_late_worker_settles_nothing(school: School) -> None:
    families(school, 1)
    campaign = school.launch(Mode.MAIL, now=NOW)
    first = claim(school.session, Notification, NOW)
    assert first is not None
    assert claim(school.session, Notification, NOW + LEASE - timedelta(seconds=1)) is None
    second = claim(school.session, Notification, NOW + LEASE)
    assert second is not None
    assert second.ids == first.ids
    assert settle(school.session, first, first.ids, DeliveryState.SENT, NOW) == []
    assert settle(school.session, second, second.ids, DeliveryState.SENT, NOW) == first.ids
    school.session.commit()
    assert school.states(campaign) == {DeliveryState.SENT: 1}


def test_two_workers_never_claim_the_same_row(school: School, database: Database) -> None:
    families(school, 6)
    school.launch(Mode.MAIL, now=NOW)
    claimed: list[int] = []
    if database.engine.dialect.name == "postgresql":
        with database.writing() as one, database.writing() as two:
            for session in (one, two, one, two):
                claimed += getattr(claim(session, Notification, NOW, limit=2), "ids", [])
    else:
        for _ in range(3):
            with database.writing() as session:
                claimed += getattr(claim(session, Notification, NOW, limit=2), "ids", [])
    assert len(claimed) == len(set(claimed)) == 6


def test_a_worker_slower_than_its_lease_sends_nothing_that_another_one_sent(
    school: School, database: Database, settings: Settings, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    families(school, 3)
    campaign = school.launch(Mode.MAIL)
    slow, quick = Postman(database, settings, Event()), Postman(database, settings, Event())
    write = worker.compose
    with time_machine.travel(clock.now(), tick=False) as moved:

        def write_slowly(*given: Any) -> Any:
            monkeypatch.setattr(worker, "compose", write)
            written = write(*given)
            moved.shift(LEASE)
            assert quick.send_due() == 3
            return written

        monkeypatch.setattr(worker, "compose", write_slowly)
        assert slow.send_due() == 0
    assert set(mailbox.recipients.values()) == {1}
    assert school.states(campaign) == {DeliveryState.SENT: 3}


def test_no_mail_is_begun_that_could_outlast_the_lease(
    school: School, postman: Postman, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    families(school, 3)
    campaign = school.launch(Mode.MAIL)
    write = worker.compose
    with time_machine.travel(clock.now(), tick=False) as moved:
        sent_by_then: list[int] = []

        def write_slowly_at_first(*given: Any) -> Any:
            if not sent_by_then:
                moved.shift(LEASE - LONGEST_MAIL + timedelta(seconds=1))
            sent_by_then.append(len(mailbox.messages))
            return write(*given)

        monkeypatch.setattr(worker, "compose", write_slowly_at_first)
        assert postman.send_due() == 3
    # The first lot was given back whole, and counts as no attempt.
    assert sent_by_then == [0, 0]
    assert set(mailbox.recipients.values()) == {1}
    assert {row.attempts for row in school.rows(campaign)} == {1}


def test_a_row_that_kills_every_worker_is_given_up(school: School, postman: Postman, mailbox: Mailbox) -> None:
    families(school, 1)
    campaign = school.launch(Mode.MAIL)
    with school.database.writing() as session:
        session.execute(update(Notification).values(attempts=len(RETRY_DELAYS) + 1))
    assert postman.send_due() == 0
    assert mailbox.messages == []
    assert school.states(campaign) == {DeliveryState.REFUSED: 1}


@pytest.mark.parametrize("state", [AccountState.DISABLED, None])
def test_an_account_gone_since_the_launch_is_skipped(
    school: School, postman: Postman, mailbox: Mailbox, state: AccountState | None
) -> None:
    account, guardian, _ = school.family("PAYET", email="m.payet@example.org")
    campaign = school.launch(Mode.MAIL)
    if state is None:
        guardian.account_id = None
        school.session.flush()
        school.session.delete(account)
    else:
        account.state, account.disabled_from, account.expires_on = state, AccountState.NOT_NOTIFIED, None
    school.session.commit()
    assert postman.send_due() == 0
    assert mailbox.messages == []
    (row,) = school.rows(campaign)
    assert row.delivery is DeliveryState.SKIPPED
    assert row.error in {Reason.DISABLED_SINCE, Reason.ERASED_SINCE}


def test_a_password_that_cannot_be_opened_waits_for_its_key(
    school: School, database: Database, settings: Settings, mailbox: Mailbox
) -> None:
    school.family("PAYET", email="m.payet@example.org")
    campaign = school.launch(Mode.MAIL)
    lost = {"initial_password_key": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="}
    other_key = Settings(**(settings.model_dump() | lost))
    Postman(database, other_key, Event()).send_due()
    (row,) = school.rows(campaign)
    assert row.delivery is DeliveryState.TO_RETRY
    assert "INITIAL_PASSWORD_KEY" in (row.error or "")
    with time_machine.travel(clock.now() + RETRY_DELAYS[0], tick=False):
        assert Postman(database, settings, Event()).send_due() == 1


def test_the_mails_parents_wait_for_come_first(school: School, postman: Postman, mailbox: Mailbox) -> None:
    families(school, 2)
    account, _, _ = school.family("HOARAU", state=AccountState.ACTIVE)
    school.launch(Mode.MAIL)
    queue_account_mail(
        school.session, AccountMessage(AccountMailKind.PASSWORD_CHANGED), account, "now@example.org", clock.now()
    )
    school.session.commit()
    postman.send_due()
    assert address_in(mailbox.messages[0]) == "now@example.org"


def test_no_more_mails_leave_than_the_minute_allows(
    school: School, database: Database, settings: Settings, mailbox: Mailbox
) -> None:
    families(school, 8)
    school.launch(Mode.MAIL)
    limited = settings.model_copy(update={"mail_per_minute": 30})
    instant = clock.now()
    sent = []
    for seconds in (0, 3, 6, 12):
        stopping = _StopsWhenItWaits()
        with time_machine.travel(instant + timedelta(seconds=seconds, milliseconds=1), tick=False):
            sent.append(Postman(database, limited, stopping).send_due())
    # Three in each tenth of a minute.
    assert sent == [3, 0, 3, 2]


class _StopsWhenItWaits(Event):
    """The worker is told to stop at the first pause it makes."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True


def test_no_password_is_logged_or_journaled(
    school: School, postman: Postman, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    families(school, 2)
    mailbox.answer_recipient = lambda address: "450 later" if address.startswith("p1@") else None
    with caplog.at_level(logging.DEBUG):
        school.launch(Mode.MAIL)
        postman.send_due()
    # What the test's own mail server logs is what it received.
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    assert INITIAL_PASSWORD not in "".join(ours)
    with school.database.reading() as session:
        events = session.scalars(select(JournalEvent)).all()
    assert events
    assert all(INITIAL_PASSWORD not in f"{event.details}{event.subject}" for event in events)
