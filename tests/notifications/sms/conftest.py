"""A school whose families have telephones, and a gateway that takes messages by HTTP."""

from collections.abc import Iterator
from threading import Event

import pytest

from shared.config import Settings
from shared.database import Database
from shared.models.accounts import Account
from shared.models.notifications import Campaign, Mode
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import offer_of
from shared.notifications.sms.worker import SmsCarrier
from tests.factories import at_desk
from tests.notifications.conftest import School
from tests.sms import HttpGatewayServer, Phones

PHONE = "0692 12 34 56"
NUMBER = "+262692123456"


def phone(index: int) -> str:
    return f"0692 1{index // 100 % 10} {index % 100:02} 00"


def number(index: int) -> str:
    return "+262" + phone(index).replace(" ", "")[1:]


@pytest.fixture
def gateway() -> Iterator[HttpGatewayServer]:
    with HttpGatewayServer() as server:
        yield server


@pytest.fixture
def phones(gateway: HttpGatewayServer) -> Phones:
    return gateway.phones


@pytest.fixture
def sending(settings: Settings, gateway: HttpGatewayServer) -> Settings:
    """The settings of an installation that sends SMS."""
    return gateway.sending(settings)


@pytest.fixture
def carrier(database: Database, sending: Settings) -> SmsCarrier:
    return SmsCarrier(database, sending, Event())


def families(school: School, count: int) -> list[Account]:
    return [
        school.family(
            "PAYET", child=f"Léa{index}", identifier=f"p{index}", mobile_phone=phone(index), accepts_sms=True
        )[0]
        for index in range(count)
    ]


def launch_sms(school: School, settings: Settings, mode: Mode = Mode.SMS, criteria: Criteria | None = None) -> Campaign:
    campaign = launch(
        at_desk(school.session, school.establishment.id),
        criteria or Criteria(),
        mode,
        request_key=f"sms-{next(school.numbers)}",
        offer=offer_of(settings),
    )
    school.session.commit()
    return campaign
