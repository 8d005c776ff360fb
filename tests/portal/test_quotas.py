"""One network cannot make mails leave, or rows be written, without end."""

import pytest
import time_machine
from flask import Flask

from parent_portal import create_app
from parent_portal.quotas import MAILS, QUOTAS
from shared.config import Settings
from shared.database import Database
from shared.limits.quotas import Quota
from tests.factories import NOW
from tests.portal.browser import Browser, words
from tests.portal.conftest import logged_in

FEW = Quota("mails", 3)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many requests as a test has patience for."""
    for endpoint, quota in QUOTAS.items():
        monkeypatch.setitem(QUOTAS, endpoint, Quota(quota.realm, FEW.most))


def ask(portal: Flask, times: int, address: str) -> list[int]:
    browser = Browser(portal, address)
    browser.get("/mot-de-passe-oublie")
    return [browser.post("/mot-de-passe-oublie", email=f"p{number}@example.org").status_code for number in range(times)]


def test_a_school_that_shares_an_address_may_ask_for_what_it_needs() -> None:
    assert MAILS.most >= 60


def test_beyond_the_quota_an_address_waits_and_the_others_do_not(portal: Flask) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        assert ask(portal, FEW.most, "192.0.2.1") == [200] * FEW.most
        page = Browser(portal, "192.0.2.1").post("/mot-de-passe-oublie", email="p@example.org")
        assert page.status_code == 429
        assert "Recommencez dans une heure." in words(page)
        assert 0 < int(page.headers["Retry-After"]) <= 3601
        assert ask(portal, 1, "192.0.2.2") == [200]
        traveller.shift(3600)
        assert ask(portal, 1, "192.0.2.1") == [200]


def test_a_network_is_counted_whole(portal: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        assert [ask(portal, 1, f"2001:db8:1:2::{number}") for number in range(FEW.most)] == [[200]] * FEW.most
        assert ask(portal, 1, "2001:db8:1:2:ffff::1") == [429]
        assert ask(portal, 1, "2001:db8:1:3::1") == [200]


@pytest.mark.both_databases
def test_two_processes_count_together_without_any_other_server(settings: Settings, database: Database) -> None:
    with time_machine.travel(NOW, tick=False):
        assert ask(create_app(settings, database), FEW.most, "192.0.2.1") == [200] * FEW.most
        lost = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
        assert ask(create_app(lost, database), 1, "192.0.2.1") == [429]


def test_what_is_refused_for_another_reason_is_not_counted(portal: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        browser = Browser(portal, "192.0.2.1")
        for _ in range(2 * FEW.most):
            assert browser.post("/mot-de-passe-oublie", email="pas une@adresse").status_code == 422
        assert ask(portal, 1, "192.0.2.1") == [200]


@pytest.mark.parametrize("endpoint", sorted(set(QUOTAS) - {"activation.resend", "activation.correct"}))
def test_every_page_with_a_quota_is_held_to_it(
    family: None, portal: Flask, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    # One page alone, and nothing left: what it would answer otherwise does not matter.
    monkeypatch.setitem(QUOTAS, endpoint, Quota("none", 0))
    stranger = endpoint in {"forgotten.ask", "passkey_login.start", "without_letter.ask"}
    browser = Browser(portal) if stranger else logged_in(portal, "m.payet")
    with portal.test_request_context():
        path = portal.url_for(endpoint, **({"student_id": 1} if endpoint.startswith("wrong_child") else {}))
    assert browser.post(path).status_code == 429
