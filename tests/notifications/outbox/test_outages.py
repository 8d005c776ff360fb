"""A mail server that is away, busy, hangs up or says « later »: nothing lost, nothing hammered, staff told (R18)."""

from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from shared import clock
from shared.config import Settings
from shared.database import Database
from shared.models.accounts import AccountState
from shared.models.notifications import AccountMailKind, Campaign, Channel, DeliveryState, Mode
from shared.models.sending.outages import ChannelOutage
from shared.notifications.mail.worker import Postman
from shared.notifications.outbox.carrier import SETBACKS_IN_A_ROW
from shared.notifications.outbox.outages import TRIAL_DELAYS, standing_outage
from shared.notifications.outbox.rate_limit import LONGEST_WAIT_SECONDS, Restraint
from shared.outbox import AccountMessage, queue_account_mail
from tests.notifications.conftest import School
from tests.smtp import Mailbox, address_in

FAMILIES = 8


@pytest.fixture
def campaign(school: School) -> Campaign:
    for index in range(FAMILIES):
        school.family("PAYET", email=f"p{index}@example.org", identifier=f"p{index}")
    return school.launch(Mode.MAIL)


@pytest.fixture
def away(database: Database, settings: Settings) -> Postman:
    """A worker whose mail server is not there."""
    return Postman(database, settings.model_copy(update={"smtp_port": 1}), Event())


def outage_in(school: School) -> ChannelOutage | None:
    with school.database.reading() as session:
        return standing_outage(session, Channel.MAIL)


def send_at(postman: Postman, instant: datetime) -> int:
    with time_machine.travel(instant, tick=False):
        return postman.send_due()


def test_a_server_that_is_away_is_tried_more_and_more_rarely(school: School, campaign: Campaign, away: Postman) -> None:
    instant = clock.now()
    waits = []
    for trial in range(1, 6):
        assert send_at(away, instant) == 0
        outage = outage_in(school)
        assert outage is not None
        assert outage.trials == trial
        assert "injoignable" in outage.reason
        waits.append(outage.next_trial_at - instant)
        # Before its time, nothing is tried.
        send_at(away, outage.next_trial_at - timedelta(seconds=1))
        assert outage_in(school).trials == trial  # type: ignore[union-attr]
        instant = max(outage.next_trial_at, instant + timedelta(minutes=1))
    assert waits == [*TRIAL_DELAYS, TRIAL_DELAYS[-1]]


def test_a_server_that_is_back_gets_everything_once(
    school: School, campaign: Campaign, away: Postman, postman: Postman, mailbox: Mailbox
) -> None:
    instant = clock.now()
    send_at(away, instant)
    assert send_at(postman, instant + timedelta(minutes=2)) == FAMILIES
    assert outage_in(school) is None
    assert set(mailbox.recipients.values()) == {1}
    assert school.states(campaign) == {DeliveryState.SENT: FAMILIES}


def test_without_a_mail_server_the_reason_is_told(school: School, campaign: Campaign, database: Database) -> None:
    unset = Settings(
        database_url=database.engine.url.render_as_string(hide_password=False),
        secret_key="zT9-test-only-key-1c0e5f7a8b2d4c6e",
        initial_password_key="MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    )
    assert Postman(database, unset, Event()).send_due() == 0
    outage = outage_in(school)
    assert outage is not None
    assert "SMTP_HOST" in outage.reason


def test_a_mail_on_which_the_server_hangs_up_keeps_no_other_from_leaving(
    school: School, campaign: Campaign, postman: Postman, mailbox: Mailbox
) -> None:
    mailbox.hang_up_before_accepting = ["p1@example.org"] * 3
    instant = clock.now()
    assert send_at(postman, instant) == FAMILIES - 1
    assert outage_in(school) is None
    (put_off,) = [row for row in school.rows(campaign) if row.delivery is DeliveryState.TO_RETRY]
    assert put_off.attempts == 1
    assert "coupé" in (put_off.error or "")


def test_a_server_that_hangs_up_on_everything_is_away(
    school: School, campaign: Campaign, postman: Postman, mailbox: Mailbox
) -> None:
    mailbox.hang_up_before_accepting = [f"p{index}@example.org" for index in range(FAMILIES)]
    assert postman.send_due() == 0
    assert outage_in(school) is not None
    assert len(mailbox.hang_up_before_accepting) == FAMILIES - SETBACKS_IN_A_ROW
    assert school.states(campaign)[DeliveryState.TO_SEND] == FAMILIES - SETBACKS_IN_A_ROW


def test_a_server_that_closes_with_421_counts_no_attempt(
    school: School, campaign: Campaign, postman: Postman, mailbox: Mailbox
) -> None:
    mailbox.answer_recipient = lambda _: "421 closing"
    assert postman.send_due() == 0
    outage = outage_in(school)
    assert outage is not None
    assert "421" in outage.reason
    assert {row.attempts for row in school.rows(campaign)} == {0}


def test_a_mail_that_a_parent_waits_for_is_the_one_that_tries_the_server(
    school: School, campaign: Campaign, away: Postman, postman: Postman, mailbox: Mailbox
) -> None:
    instant = clock.now()
    send_at(away, instant)
    account, _, _ = school.family("HOARAU", state=AccountState.ACTIVE)
    queue_account_mail(
        school.session, AccountMessage(AccountMailKind.PASSWORD_CHANGED), account, "now@example.org", instant
    )
    school.session.commit()
    send_at(postman, instant + timedelta(minutes=2))
    assert address_in(mailbox.messages[0]) == "now@example.org"


def test_the_limit_of_a_minute_holds_over_two_workers(
    school: School, campaign: Campaign, settings: Settings, database_url: str, mailbox: Mailbox
) -> None:
    limited = settings.model_copy(update={"mail_per_minute": 30})

    def work() -> None:
        own = Database(database_url)
        Postman(own, limited, _StopsWhenItWaits()).send_due()
        own.dispose()

    with time_machine.travel(clock.now() + timedelta(seconds=1), tick=False):
        threads = [Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    # Three in each tenth of a minute, whoever sends them.
    assert len(mailbox.messages) == 3


def test_a_clock_set_back_does_not_stop_the_mails(
    school: School, campaign: Campaign, settings: Settings, database: Database
) -> None:
    limited = settings.model_copy(update={"mail_per_minute": 30})
    instant = clock.now()
    sent = []
    for offset in (timedelta(hours=1), timedelta(seconds=1)):
        with time_machine.travel(instant + offset, tick=False):
            sent.append(Postman(database, limited, _StopsWhenItWaits()).send_due())
    assert sent == [3, 3]


class _StopsWhenItWaits(Event):
    """The worker is told to stop at the first pause it makes."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True


@given(rate=st.floats(1.5, 40), sending=st.floats(0.001, 0.02))
def test_a_server_that_limits_its_rate_takes_more_mails_than_it_puts_off(rate: float, sending: float) -> None:
    """Simulated: a server that puts off what comes sooner than `1 / rate` after the last mail it took."""
    restraint, instant, last_taken = Restraint(), 0.0, -1.0
    taken = put_off = 0
    while taken < 300:
        if instant - last_taken >= 1 / rate:
            last_taken, taken = instant, taken + 1
            restraint.taken()
        else:
            put_off += 1
            restraint.put_off()
        assert restraint.seconds <= LONGEST_WAIT_SECONDS
        instant += sending + restraint.seconds
    assert put_off < taken
