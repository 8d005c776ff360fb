"""Receipts that a gateway calls us with: at the portal, with its secret, once each, in any order (R18, R36)."""

import json
from datetime import timedelta
from threading import Event

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from parent_portal import create_app
from shared import clock
from shared.config import Settings
from shared.database import Database
from shared.models.notifications import Campaign, DeliveryState
from shared.models.reasons import Reason
from shared.models.sending.sms import EarlyReceipt, SmsMessage, SmsState
from shared.notifications.sms.worker import SmsCarrier
from shared.notifications.sms_receipts import calls
from tests.notifications.conftest import School
from tests.notifications.sms.conftest import families, launch_sms
from tests.sms import HttpGatewayServer, Phones

SECRET = "0123456789abcdef-0123456789ABCDEF_"
BEARER = {"Authorization": f"Bearer {SECRET}"}
WAY = "/sms/accuses"
OVH = f"{WAY}/{SECRET}?id={{}}&ptt={{}}&date=2026-09-01&description={{}}&descriptionDlr=x"


@pytest.fixture
def sending(settings: Settings, gateway: HttpGatewayServer) -> Settings:
    """Nothing is asked of the gateway: it calls."""
    told = {"sms_receipts_secret": SECRET, "sms_http_receipts_url": None}
    return gateway.sending(settings).model_copy(update=told)


@pytest.fixture
def portal(database: Database, sending: Settings) -> Flask:
    return create_app(sending, database)


@pytest.fixture
def client(portal: Flask) -> FlaskClient:
    return portal.test_client()


@pytest.fixture
def campaign(school: School, sending: Settings, carrier: SmsCarrier) -> Campaign:
    """Three messages that the gateway took, and called 1, 2 and 3."""
    families(school, 3)
    launched = launch_sms(school, sending)
    assert carrier.send_due() == 3
    return launched


def states(database: Database) -> dict[str | None, SmsState]:
    with database.reading() as session:
        return {one.reference: one.state for one in session.scalars(select(SmsMessage))}


def kept(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(EarlyReceipt)) or 0


def ended(school: School, campaign: Campaign) -> list[tuple[DeliveryState, str | None]]:
    return [(row.delivery, row.error) for row in school.rows(campaign)]


def test_ovh_calls_with_the_secret_in_the_address(
    client: FlaskClient, school: School, database: Database, sending: Settings, campaign: Campaign
) -> None:
    for call in (OVH.format(1, 4, 1), OVH.format(2, 25, 2), OVH.format(3, 23, 2)):
        assert client.get(call).status_code == 204
    assert states(database) == {"1": SmsState.DELIVERED, "2": SmsState.FAILED, "3": SmsState.FAILED}
    told = "non remis : code {} de la passerelle"
    refused = DeliveryState.REFUSED
    assert ended(school, campaign) == [
        (DeliveryState.SENT, None),
        (refused, told.format(25)),
        (refused, told.format(23)),
    ]
    # A number that nobody has is not written to again.
    again = launch_sms(school, sending)
    assert [row.error for row in school.rows(again)] == [None, None, Reason.FAILING_NUMBER]


WAYS = {
    "a bearer": {"headers": BEARER, "json": {"id": 1, "description": 1}},
    "a password": {"auth": ("teleservices", SECRET), "data": {"id": "1", "description": "DELIVRD"}},
    "a list": {"headers": BEARER, "json": [{"id": "9"}, 5, None, {"id": "1", "description": "delivered"}]},
    "a query": {"headers": BEARER, "query_string": {"id": "1", "description": "1"}},
}


@pytest.mark.parametrize("way", WAYS)
def test_other_gateways_post_as_they_can(client: FlaskClient, database: Database, campaign: Campaign, way: str) -> None:
    assert client.post(WAY, **WAYS[way]).status_code == 204
    assert states(database)["1"] is SmsState.DELIVERED


def test_a_gateway_that_calls_its_fields_and_states_otherwise_is_told_by_settings(
    database: Database, sending: Settings, campaign: Campaign
) -> None:
    own = {"sms_http_fields": "id=messageId,description=status", "sms_http_states": "3=arrived,5=nobody,9=lost"}
    client = create_app(sending.model_copy(update=own), database).test_client()
    told = [{"messageId": "1", "status": 3}, {"messageId": "2", "status": 1}, {"messageId": "3", "status": "5"}]
    assert client.post(WAY, headers=BEARER, json=told).status_code == 204
    assert states(database) == {"1": SmsState.DELIVERED, "2": SmsState.ACCEPTED, "3": SmsState.FAILED}


def test_a_receipt_that_comes_twice_or_late_changes_nothing_more(
    client: FlaskClient, school: School, database: Database, campaign: Campaign
) -> None:
    # Of the same message: it waits, it arrived, it waits (an older word, late), it arrived, it is lost.
    for state in (4, 1, 8, 1, 2):
        assert client.get(OVH.format(1, 0, state)).status_code == 204
    assert states(database)["1"] is SmsState.DELIVERED
    assert ended(school, campaign)[0] == (DeliveryState.SENT, None)


def test_a_receipt_that_comes_before_the_gateway_s_own_answer_is_noted(
    client: FlaskClient, school: School, database: Database, sending: Settings, carrier: SmsCarrier, phones: Phones
) -> None:
    families(school, 2)
    campaign = launch_sms(school, sending)
    answers: list[int] = []

    def before_the_answer(_number: str) -> None:
        # The message is in hand: nobody here knows yet what the gateway will call it.
        answers.append(client.get(OVH.format(len(answers) + 1, 25, 2)).status_code)

    phones.answer = before_the_answer
    assert carrier.send_due() == 2
    assert answers == [204, 204]
    assert set(states(database).values()) == {SmsState.FAILED}
    assert {state for state, _ in ended(school, campaign)} == {DeliveryState.REFUSED}
    assert kept(database) == 0


def test_what_is_of_no_message_of_ours_is_answered_alike_and_forgotten(
    client: FlaskClient, database: Database, carrier: SmsCarrier, campaign: Campaign
) -> None:
    known, unknown = client.get(OVH.format(1, 4, 1)), client.get(OVH.format(9999, 4, 1))
    assert (known.status_code, known.data) == (unknown.status_code, unknown.data) == (204, b"")
    assert kept(database) == 0
    # Even while a message is in hand nothing is kept for long, nor without end.
    with database.writing() as session:
        session.execute(update(SmsMessage).where(SmsMessage.reference == "2").values(state=SmsState.LEAVING))
    called_many = [{"id": f"x{number}", "description": 1} for number in range(calls.MOST_KEPT + 10)]
    for start in range(0, len(called_many), 400):
        assert client.post(WAY, headers=BEARER, json=called_many[start : start + 400]).status_code == 204
    assert kept(database) == calls.MOST_KEPT
    with time_machine.travel(clock.now() + calls.KEPT + timedelta(minutes=1), tick=False):
        carrier.send_due()
    assert kept(database) == 0


WRONG: dict[str, dict[str, object]] = {
    "nothing": {},
    "another": {"headers": {"Authorization": f"Bearer {SECRET[:-1]}x"}},
    "a part": {"headers": {"Authorization": f"Bearer {SECRET[:-1]}"}},
    "no bearer": {"headers": {"Authorization": SECRET}},
    "as a name": {"auth": (SECRET, "")},
    "in the query": {"query_string": {"id": "1", "description": "1", "secret": SECRET, "token": SECRET}},
    "signs of another alphabet": {"headers": {"Authorization": "Basic w6nDqQ=="}},
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_is_listened_to_without_the_secret(
    client: FlaskClient, database: Database, campaign: Campaign, wrong: str, method: str
) -> None:
    told = {"query_string": {"id": "1", "description": "1"}, **WRONG[wrong]}
    answer: TestResponse = getattr(client, method)(WAY, **told)
    assert answer.status_code == 404
    assert client.get(f"{WAY}/{SECRET[:-1]}é", query_string={"id": "1", "description": "1"}).status_code == 404
    assert set(states(database).values()) == {SmsState.ACCEPTED}


def test_nothing_is_there_without_a_secret_of_the_installation(
    database: Database, sending: Settings, campaign: Campaign
) -> None:
    client = create_app(sending.model_copy(update={"sms_receipts_secret": None}), database).test_client()
    for way in (f"{WAY}/{SECRET}", f"{WAY}/None", WAY, f"{WAY}/"):
        assert client.get(way, query_string={"id": "1", "description": "1"}, headers=BEARER).status_code == 404
    assert client.post(WAY, headers={"Authorization": "Bearer "}).status_code == 404
    assert set(states(database).values()) == {SmsState.ACCEPTED}


def test_to_ask_what_the_page_would_say_notes_nothing(
    client: FlaskClient, database: Database, campaign: Campaign
) -> None:
    assert client.head(OVH.format(1, 4, 1)).status_code == 204
    assert states(database)["1"] is SmsState.ACCEPTED


NONSENSE: dict[str, tuple[dict[str, object], int]] = {
    "no JSON": ({"data": "{", "content_type": "application/json"}, 400),
    "JSON that is nothing": ({"data": "null", "content_type": "application/json"}, 400),
    "a figure": ({"json": 5}, 204),
    "nested": ({"data": "[" * 30_000, "content_type": "application/json"}, 400),
    "too large": ({"data": json.dumps([{"id": "1"}] * 10_000), "content_type": "application/json"}, 413),
    "of other kinds": ({"json": {"id": ["1"], "description": {"1": 1}, "ptt": True}}, 204),
    "a state that is true": ({"json": {"id": "1", "description": True}}, 204),
    "a name that is long": ({"json": {"id": "1" * 500, "description": 1}}, 204),
    "signs that nobody types": ({"json": {"id": "1\0", "description": 1}}, 204),
    "words of a query language": ({"json": {"id": "1' OR '1'='1", "description": 1}}, 204),
    "empty": ({}, 204),
}


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_of_the_gateway_changes_nothing(
    client: FlaskClient, database: Database, campaign: Campaign, nonsense: str
) -> None:
    told, status = NONSENSE[nonsense]
    assert client.post(WAY, headers=BEARER, **told).status_code == status
    assert set(states(database).values()) == {SmsState.ACCEPTED}


def test_what_a_gateway_says_of_a_refusal_is_shown_short_and_as_text(
    client: FlaskClient, school: School, campaign: Campaign
) -> None:
    client.post(WAY, headers=BEARER, json={"id": "1", "description": 2, "ptt": "<b>" + "x" * 1000})
    (state, error), *_ = ended(school, campaign)
    assert state is DeliveryState.REFUSED
    assert error is not None
    assert len(error) < 80


def test_a_worker_that_asks_and_a_gateway_that_calls_note_once(
    school: School, database: Database, sending: Settings, gateway: HttpGatewayServer, phones: Phones
) -> None:
    both = gateway.sending(sending).model_copy(update={"sms_receipts_secret": SECRET})
    families(school, 1)
    campaign = launch_sms(school, both)
    carrier = SmsCarrier(database, both, Event())
    carrier.send_due()
    phones.receipts["1"] = {"deliveryReceipt": 2, "ptt": 25}
    assert create_app(both, database).test_client().get(OVH.format(1, 4, 1)).status_code == 204
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):
        carrier.send_due()
    assert phones.asked == {}
    assert ended(school, campaign) == [(DeliveryState.SENT, None)]
