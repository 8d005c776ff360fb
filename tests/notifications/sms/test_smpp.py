"""Messages handed over by SMPP, to a server that others wrote (npm's `smpp`)."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Event

import pytest
import time_machine

from shared import clock
from shared.config import Settings
from shared.database import Database
from shared.models.notifications import Channel, DeliveryState
from shared.models.reasons import Reason
from shared.notifications.outbox.outages import standing_outage
from shared.notifications.sms import smpp_gateway
from shared.notifications.sms.worker import SmsCarrier
from tests.notifications.conftest import School
from tests.notifications.sms.conftest import launch_sms
from tests.ports import free_port
from tests.smpp import (
    ANSWERS_TWICE,
    DELIVERED,
    HANGS_UP,
    HELD,
    REJECTED,
    SILENT,
    THROTTLED,
    TWICE,
    UNDELIVERED,
    UNKNOWN_NUMBER,
    SmppServer,
    settings_through,
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smpp_gateway, "SECONDS_TO_ANSWER", 1)
    monkeypatch.setattr(smpp_gateway, "SECONDS_OF_RECEIPTS", 0.3)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def server(port: int) -> Iterator[SmppServer]:
    with SmppServer(port) as started:
        yield started


@pytest.fixture
def sending(settings: Settings, port: int) -> Settings:
    return settings_through(settings, port)


@pytest.fixture
def carrier(database: Database, sending: Settings) -> SmsCarrier:
    return SmsCarrier(database, sending, Event())


def family(school: School, figure: int, language: str | None = None, nth: int = 0) -> None:
    named = f"{nth}{figure}"
    account, _, _ = school.family(
        "PAYET", child=f"Léa{named}", identifier=f"p{named}", mobile_phone=f"0692 00 00 {named}", accepts_sms=True
    )
    account.language = language


def number(figure: int, nth: int = 0) -> str:
    return f"2626920000{nth}{figure}"


@pytest.mark.slow
def test_each_message_is_taken_once_and_its_receipt_read(
    server: SmppServer, school: School, sending: Settings, carrier: SmsCarrier
) -> None:
    for figure in (DELIVERED, UNKNOWN_NUMBER, TWICE, UNDELIVERED, REJECTED):
        family(school, figure)
    campaign = launch_sms(school, sending)
    assert carrier.send_due() == 4
    for minutes in (2, 8):
        with time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=False):
            carrier.send_due()
    assert server.numbers == [number(figure) for figure in (DELIVERED, TWICE, UNDELIVERED, REJECTED)]
    told = {row.recipient: (row.delivery, row.error) for row in school.rows(campaign)}
    assert told["+" + number(DELIVERED)] == told["+" + number(TWICE)] == (DeliveryState.SENT, None)
    assert told["+" + number(UNDELIVERED)] == (DeliveryState.REFUSED, "non remis : UNDELIV 000")
    assert told["+" + number(REJECTED)] == (DeliveryState.REFUSED, "non remis : REJECTD 000")
    refused, reason = told["+" + number(UNKNOWN_NUMBER)]
    assert refused is DeliveryState.REFUSED
    assert "0x0b" in str(reason)
    again = launch_sms(school, sending)
    dead = {row.recipient is None: row.error for row in school.rows(again) if row.delivery is DeliveryState.SKIPPED}
    assert set(dead.values()) == {Reason.FAILING_NUMBER}


@pytest.mark.slow
def test_the_text_arrives_as_it_was_written_in_either_alphabet(
    server: SmppServer, school: School, sending: Settings, carrier: SmsCarrier
) -> None:
    family(school, DELIVERED)
    family(school, TWICE, "ar")
    launch_sms(school, sending)
    assert carrier.send_due() == 2
    french, arabic = sorted(server.taken, key=lambda one: one["to"])
    assert french["coding"] == 0
    assert "Collège" in french["text"]
    assert french["from"] == "COLLEGE"
    assert arabic["coding"] == 8
    assert "portail.example.org/code" in arabic["text"]
    assert len(arabic["text"]) <= 70


@pytest.mark.slow
@pytest.mark.parametrize("figure", [SILENT, HANGS_UP])
def test_a_server_that_falls_silent_with_a_message_in_hand_gets_it_once(
    server: SmppServer, school: School, sending: Settings, carrier: SmsCarrier, figure: int
) -> None:
    family(school, figure)
    family(school, DELIVERED)
    campaign = launch_sms(school, sending)
    carrier.send_due()
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        carrier.send_due()
    assert server.numbers == sorted([number(figure), number(DELIVERED)])
    assert school.states(campaign) == {DeliveryState.SENT: 1, DeliveryState.REFUSED: 1}
    unknown = [row.error for row in school.rows(campaign) if row.delivery is DeliveryState.REFUSED]
    assert unknown == [Reason.SMS_STATE_UNKNOWN]


@pytest.mark.slow
def test_a_server_that_answers_twice_has_each_message_once(
    server: SmppServer, school: School, sending: Settings, carrier: SmsCarrier
) -> None:
    """The second answer comes while the next message is waited for: it is none to that one."""
    for figure in (ANSWERS_TWICE, DELIVERED, UNDELIVERED):
        family(school, figure)
    campaign = launch_sms(school, sending)
    assert carrier.send_due() == 3
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        carrier.send_due()
    assert server.numbers == sorted(number(figure) for figure in (ANSWERS_TWICE, DELIVERED, UNDELIVERED))
    told = {row.recipient: row.delivery for row in school.rows(campaign)}
    assert told["+" + number(ANSWERS_TWICE)] is told["+" + number(DELIVERED)] is DeliveryState.SENT
    assert told["+" + number(UNDELIVERED)] is DeliveryState.REFUSED


@pytest.mark.slow
def test_several_are_in_hand_and_each_answer_is_that_of_its_message(
    server: SmppServer, school: School, sending: Settings, carrier: SmsCarrier
) -> None:
    """The server answers none before it has three, and then the last one first."""
    for nth in range(3):
        family(school, HELD, nth=nth)
    family(school, UNKNOWN_NUMBER)
    family(school, UNDELIVERED)
    campaign = launch_sms(school, sending)
    assert carrier.send_due() == 4
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        carrier.send_due()
    held = [number(HELD, nth) for nth in range(3)]
    assert server.numbers == sorted([*held, number(UNDELIVERED)])
    told = {row.recipient: (row.delivery, str(row.error or "")) for row in school.rows(campaign)}
    assert {told["+" + one] for one in held} == {(DeliveryState.SENT, "")}
    assert told["+" + number(UNDELIVERED)] == (DeliveryState.REFUSED, "non remis : UNDELIV 000")
    assert told["+" + number(UNKNOWN_NUMBER)][0] is DeliveryState.REFUSED


@pytest.mark.slow
def test_no_more_are_in_hand_than_was_set(
    server: SmppServer, school: School, database: Database, sending: Settings
) -> None:
    """Two in hand, where the server answers none before it has three: nobody knows of these two, and the rest waits."""
    for nth in range(4):
        family(school, HELD, nth=nth)
    campaign = launch_sms(school, sending)
    assert SmsCarrier(database, sending.model_copy(update={"sms_smpp_window": 2}), Event()).send_due() == 0
    assert len(server.taken) == 2
    assert school.states(campaign) == {DeliveryState.REFUSED: 2, DeliveryState.TO_SEND: 2}


@pytest.mark.slow
@pytest.mark.parametrize("figure", [SILENT, HANGS_UP])
def test_of_several_in_hand_those_alone_that_were_not_answered_are_unknown(
    server: SmppServer, school: School, sending: Settings, carrier: SmsCarrier, figure: int
) -> None:
    for nth in range(3):
        family(school, DELIVERED, nth=nth)
    family(school, figure, nth=5)
    campaign = launch_sms(school, sending)
    carrier.send_due()
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        carrier.send_due()
    assert set(server.times.values()) == {1}
    told = {row.recipient: row.error for row in school.rows(campaign) if row.delivery is DeliveryState.REFUSED}
    assert told["+" + number(figure, 5)] == Reason.SMS_STATE_UNKNOWN
    sent = school.states(campaign)[DeliveryState.SENT]
    # A server that hangs up may have answered none of those before.
    assert sent == 3 if figure == SILENT else sent + len(told) == 4
    assert set(told.values()) == {Reason.SMS_STATE_UNKNOWN}


@pytest.mark.slow
def test_a_server_that_is_busy_is_asked_later(
    server: SmppServer, school: School, sending: Settings, carrier: SmsCarrier
) -> None:
    family(school, THROTTLED)
    campaign = launch_sms(school, sending)
    assert carrier.send_due() == 0
    assert school.states(campaign) == {DeliveryState.TO_RETRY: 1}


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [{"sms_smpp_password": "wrong"}, {"sms_smpp_port": 1}])
def test_a_server_that_is_away_or_refuses_the_login_keeps_everything_waiting(
    server: SmppServer, school: School, database: Database, sending: Settings, wrong: dict[str, object]
) -> None:
    family(school, DELIVERED)
    campaign = launch_sms(school, sending)
    assert SmsCarrier(database, sending.model_copy(update=wrong), Event()).send_due() == 0
    with database.reading() as session:
        assert standing_outage(session, Channel.SMS) is not None
    assert [row.attempts for row in school.rows(campaign)] == [0]
    assert server.taken == []
