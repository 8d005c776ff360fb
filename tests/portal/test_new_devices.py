"""A family is told by mail, in its language, when its account is opened with a browser never seen (R27)."""

from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
import time_machine
from flask import Flask

from shared import clock
from shared.acting.desk import Act
from shared.config import Settings
from shared.database import Database
from shared.journal import COMMAND
from shared.limits.security_policy import set_policy
from shared.models.academy import FactorRequired
from shared.models.notifications import AccountMailKind
from shared.notifications.mail.worker import Postman
from tests.factories import INITIAL_PASSWORD, NOW, PASSWORD
from tests.portal.browser import Browser
from tests.portal.conftest import Directory, logged_in
from tests.smtp import MailServer

KIND = AccountMailKind.NEW_DEVICE


@pytest.fixture
def still() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def at_home(family: None, portal: Flask) -> Browser:
    """The browser that Marie Payet comes in with for the first time."""
    return logged_in(portal, "m.payet")


def test_the_first_login_is_told_to_nobody(at_home: Browser, directory: Directory) -> None:
    assert directory.mails(KIND) == []


def test_a_browser_never_seen_is_told_to_the_verified_address(
    at_home: Browser, portal: Flask, directory: Directory
) -> None:
    logged_in(portal, "m.payet")
    [mail] = directory.mails(KIND)
    account = directory.account("m.payet")
    assert (mail.recipient, mail.account_id) == (account.email, account.id)
    assert mail.details == {}


def test_the_same_browser_in_another_network_is_no_new_device(at_home: Browser, directory: Directory) -> None:
    at_home.post("/deconnexion")
    at_home.address = "198.51.100.77"
    assert at_home.log_in("m.payet", PASSWORD).status_code == 303
    assert directory.mails(KIND) == []


def test_one_mail_in_an_hour_is_enough(still: Any, at_home: Browser, portal: Flask, directory: Directory) -> None:
    for _ in range(3):
        logged_in(portal, "m.payet")
    assert len(directory.mails(KIND)) == 1
    still.shift(3601)
    logged_in(portal, "m.payet")
    assert len(directory.mails(KIND)) == 2


def test_the_academy_can_do_without(at_home: Browser, portal: Flask, directory: Directory, database: Database) -> None:
    with database.writing() as session:
        act = Act(session, COMMAND, clock.now())
        set_policy(act, FactorRequired.NOBODY, tells_of_new_devices=False, version=0)
    logged_in(portal, "m.payet")
    assert directory.mails(KIND) == []


def test_a_wrong_password_tells_nothing(at_home: Browser, portal: Flask, directory: Directory) -> None:
    Browser(portal).log_in("m.payet", "pas le bon mot de passe")
    assert directory.mails(KIND) == []


def test_an_address_that_nobody_verified_is_not_written_to(
    at_home: Browser, portal: Flask, directory: Directory
) -> None:
    directory.change("m.payet", email_verified_at=None)
    logged_in(portal, "m.payet")
    assert directory.mails(KIND) == []


def test_an_account_that_is_not_active_yet_is_not_written_to(family: None, portal: Flask, directory: Directory) -> None:
    for _ in range(2):
        logged_in(portal, "p.hoarau", INITIAL_PASSWORD)
    assert directory.mails(KIND) == []


def test_the_mail_that_leaves_is_in_the_language_of_the_family(
    at_home: Browser, portal: Flask, directory: Directory, database: Database, settings: Settings
) -> None:
    directory.change("m.payet", language="en")
    logged_in(portal, "m.payet")
    with MailServer() as server:
        sent = {"smtp_host": server.host, "smtp_port": server.port, "mail_from": "portail@example.org"}
        assert Postman(database, settings.model_copy(update=sent), Event()).send_due() == 1
        [message] = server.mailbox.messages
    assert message["Subject"] == "Your account was opened on a new device"
    text = " ".join(message.get_body(("plain",)).get_content().split())
    assert "m.payet" in text
    assert "It was not you? Choose a new password at once" in text
