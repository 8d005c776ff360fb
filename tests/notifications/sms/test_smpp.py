"""Messages handed over by SMPP, to a server that others wrote (npm's `smpp`)."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

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
from tests.conftest import skip_or_fail
from tests.notifications.conftest import School
from tests.notifications.sms.conftest import launch_sms
from tests.ports import free_port

NODE = Path(__file__).parent / "node"
USER, PASSWORD = "school", "secret"
DELIVERED, UNKNOWN_NUMBER, SILENT, HANGS_UP, THROTTLED, TWICE, UNDELIVERED, REJECTED, ANSWERS_TWICE = range(9)
"""The last figure of a number says what the server does to it."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smpp_gateway, "SECONDS_TO_ANSWER", 1)
    monkeypatch.setattr(smpp_gateway, "SECONDS_OF_RECEIPTS", 0.3)


class Server:
    """The server, and what it printed so far."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.taken: list[dict[str, Any]] = []
        self._listens = Event()
        self._process = process
        Thread(target=self._read, daemon=True).start()
        assert self._listens.wait(20)

    def _read(self) -> None:
        for line in self._process.stdout or ():
            said = json.loads(line)
            if said.get("listening"):
                self._listens.set()
            else:
                self.taken.append(said)

    @property
    def numbers(self) -> list[str]:
        return sorted(one["to"] for one in self.taken)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def server(port: int) -> Iterator[Server]:
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules" / "smpp").is_dir():
        skip_or_fail("no smpp on this machine (npm ci in tests/notifications/sms/node)")
    command = [str(node), "gateway.mjs", str(port), USER, PASSWORD]
    with subprocess.Popen(command, cwd=NODE, stdout=subprocess.PIPE, text=True) as process:
        yield Server(process)
        process.kill()


@pytest.fixture
def sending(settings: Settings, port: int) -> Settings:
    return settings.model_copy(
        update={
            "sms_driver": "smpp",
            "sms_sender": "COLLEGE",
            "sms_smpp_host": "127.0.0.1",
            "sms_smpp_port": port,
            "sms_smpp_user": USER,
            "sms_smpp_password": PASSWORD,
            "sms_smpp_tls": "none",
        }
    )


@pytest.fixture
def carrier(database: Database, sending: Settings) -> SmsCarrier:
    return SmsCarrier(database, sending, Event())


def family(school: School, figure: int, language: str | None = None) -> None:
    account, _, _ = school.family(
        "PAYET", child=f"Léa{figure}", identifier=f"p{figure}", mobile_phone=f"0692 00 00 0{figure}", accepts_sms=True
    )
    account.language = language


def number(figure: int) -> str:
    return f"26269200000{figure}"


@pytest.mark.slow
def test_each_message_is_taken_once_and_its_receipt_read(
    server: Server, school: School, sending: Settings, carrier: SmsCarrier
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
    server: Server, school: School, sending: Settings, carrier: SmsCarrier
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
    server: Server, school: School, sending: Settings, carrier: SmsCarrier, figure: int
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
    server: Server, school: School, sending: Settings, carrier: SmsCarrier
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
def test_a_server_that_is_busy_is_asked_later(
    server: Server, school: School, sending: Settings, carrier: SmsCarrier
) -> None:
    family(school, THROTTLED)
    campaign = launch_sms(school, sending)
    assert carrier.send_due() == 0
    assert school.states(campaign) == {DeliveryState.TO_RETRY: 1}


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [{"sms_smpp_password": "wrong"}, {"sms_smpp_port": 1}])
def test_a_server_that_is_away_or_refuses_the_login_keeps_everything_waiting(
    server: Server, school: School, database: Database, sending: Settings, wrong: dict[str, object]
) -> None:
    family(school, DELIVERED)
    campaign = launch_sms(school, sending)
    assert SmsCarrier(database, sending.model_copy(update=wrong), Event()).send_due() == 0
    with database.reading() as session:
        assert standing_outage(session, Channel.SMS) is not None
    assert [row.attempts for row in school.rows(campaign)] == [0]
    assert server.taken == []
