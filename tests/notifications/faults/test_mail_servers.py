"""A mail server that refuses, hangs, says « later » or « never », hangs up, or is slow (R18)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from shared import clock
from shared.config import Settings
from shared.models.notifications import Campaign, Channel, DeliveryState
from shared.notifications.campaigns.control import cancel
from shared.notifications.outbox.outages import standing_outage
from tests.factories import at_desk
from tests.notifications.conftest import School
from tests.notifications.faults.accounting import account_for, let_it_end
from tests.notifications.faults.workers import Circumstances, worker
from tests.patience import wait_until
from tests.ports import free_port
from tests.smtp import Mailbox, MailServer

MAILS = 8
EVERY_ADDRESS = [f"p{index}@example.org" for index in range(MAILS)]
IMPATIENT = Circumstances(smtp_seconds=0.5)
NEVER = 86_400.0

pytestmark = pytest.mark.slow

Tell = Callable[[str, str], None]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What the mail server does is the same to every database."""
    return sqlite_url


@dataclass(frozen=True)
class Fault:
    """What the server does, and how many mails may be received again because of it."""

    name: str
    spoil: Callable[[Mailbox], object]
    window: int = 0
    hangs: bool = False
    """It never says another word: whoever waits for it must be impatient."""


def _answers(answer: str) -> Callable[[Mailbox], None]:
    """To every other recipient at once, to the others when their message has come in."""

    def spoil(mailbox: Mailbox) -> None:
        mailbox.answer_recipient = lambda address: answer if address[1] in "02468" else None
        mailbox.answer_data = lambda _: answer

    return spoil


def _has(name: str, value: object) -> Callable[[Mailbox], None]:
    return lambda mailbox: setattr(mailbox, name, value)


FAULTS = [
    Fault("accepts and says nothing", _has("seconds_to_greet", NEVER), hangs=True),
    Fault("hangs after the final dot", _has("seconds_to_accept", NEVER), hangs=True),
    Fault("answers 421", _answers("421 4.3.2 shutting down")),
    Fault("answers 450", _answers("450 4.2.0 come back later")),
    Fault("hangs up before the final dot", _has("hang_up_in_data", EVERY_ADDRESS * 2)),
    Fault("hangs up after the final dot", _has("hang_up_before_accepting", EVERY_ADDRESS * 2)),
    Fault("hangs up once it accepted", _has("hang_up_after_accepting", EVERY_ADDRESS[2:5]), window=3),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_a_mail_server_that_fails_for_a_while(
    school: School, launch: Callable[..., Campaign], settings: Settings, mailbox: Mailbox, tell: Tell, fault: Fault
) -> None:
    campaign = launch(mails=MAILS)
    fault.spoil(mailbox)
    with worker(settings, IMPATIENT if fault.hangs else Circumstances()) as busy:
        wait_until(lambda: failures(school, campaign), "the worker meets the fault")
        if not fault.hangs:
            mend(mailbox)
            let_it_end(school, campaign, busy)
        busy.stop()
    # A server that is well may need longer, on a busy machine, than the impatient one waited.
    mend(mailbox)
    with worker(settings, ahead=timedelta(seconds=busy.seconds_ahead)) as patient:
        let_it_end(school, campaign, patient)
    found = account_for(school, campaign, mailbox, window=fault.window)
    assert found.states == {DeliveryState.SENT: MAILS}
    tell(f"mail server: {fault.name}", f"{found.repeated} mails repeated, of {MAILS}")


def failures(school: School, campaign: Campaign) -> bool:
    """Whether a mail could not be sent."""
    with school.database.reading() as session:
        return standing_outage(session, Channel.MAIL) is not None or any(row.error for row in school.rows(campaign))


def mend(mailbox: Mailbox) -> None:
    """The server is as it should be."""
    mailbox.answer_recipient = mailbox.answer_data = lambda _: None
    mailbox.seconds_to_greet = mailbox.seconds_to_accept = 0.0
    for waiting in (mailbox.hang_up_in_data, mailbox.hang_up_before_accepting):
        waiting.clear()


def test_a_mail_server_that_refuses_connections(
    school: School, launch: Callable[..., Campaign], settings: Settings, tell: Tell
) -> None:
    campaign = launch(mails=MAILS)
    port = free_port()
    with worker(settings.model_copy(update={"smtp_port": port})) as busy:
        wait_until(lambda: failures(school, campaign), "the worker meets the fault")
        with MailServer(port) as server:
            let_it_end(school, campaign, busy)
            found = account_for(school, campaign, server.mailbox)
    assert found.states == {DeliveryState.SENT: MAILS}
    tell("mail server: refuses connections", f"{found.repeated} mails repeated, of {MAILS}")


def test_addresses_refused_for_good(
    school: School, launch: Callable[..., Campaign], settings: Settings, mailbox: Mailbox, tell: Tell
) -> None:
    """550, to some recipients and after the final dot of others."""
    mailbox.answer_recipient = lambda address: "550 5.1.1 unknown" if address.startswith("p1") else None
    mailbox.answer_data = lambda address: "550 5.7.1 unwanted" if address.startswith("p2") else None
    campaign = launch(mails=MAILS)
    with worker(settings) as busy:
        let_it_end(school, campaign, busy)
    refused = sum(address.startswith(("p1", "p2")) for address in EVERY_ADDRESS)
    found = account_for(school, campaign, mailbox)
    assert found.states == {DeliveryState.SENT: MAILS - refused, DeliveryState.REFUSED: refused}
    assert {"550" in (row.error or "") for row in school.rows(campaign) if row.delivery is DeliveryState.REFUSED} == {
        True
    }
    tell("mail server: 550", f"{refused} refused with the server's words, the others sent")


def test_cancelled_while_a_slow_server_takes_its_time(
    school: School, launch: Callable[..., Campaign], settings: Settings, mailbox: Mailbox, tell: Tell
) -> None:
    """What had not left never leaves; and a slow server alone loses nothing."""
    mailbox.seconds_to_accept = 0.25
    campaign = launch(mails=MAILS * 3)

    def cancel_at_the_third(_: str) -> None:
        if len(mailbox.messages) == 2:
            with school.database.writing() as session:
                cancel(at_desk(session, school.establishment.id, now=clock.now()), campaign.id)

    mailbox.answer_data = cancel_at_the_third
    with worker(settings) as busy:
        let_it_end(school, campaign, busy, step=timedelta(seconds=1))
    found = account_for(school, campaign, mailbox)
    assert 2 <= found.states[DeliveryState.SENT] < MAILS * 2
    assert found.states[DeliveryState.SENT] + found.states[DeliveryState.SKIPPED] == MAILS * 3
    tell("cancelled against a slow server", f"{found.states[DeliveryState.SENT]} sent, the others never leave")
