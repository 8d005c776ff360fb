"""One address cannot make mails leave without end."""

import random

import pytest
from flask import Flask

from parent_portal import create_app
from parent_portal.mail_limits import LIMIT
from shared.config import Settings
from shared.database import Database
from tests.portal.browser import Browser, words

ALLOWED = int(LIMIT.split()[0])


def ask(portal: Flask, times: int, address: str) -> list[int]:
    browser = Browser(portal, address)
    browser.get("/mot-de-passe-oublie")
    return [browser.post("/mot-de-passe-oublie", email=f"p{number}@example.org").status_code for number in range(times)]


def test_beyond_the_limit_an_address_waits_and_the_others_do_not(portal: Flask) -> None:
    assert ask(portal, ALLOWED, "192.0.2.1") == [200] * ALLOWED
    browser = Browser(portal, "192.0.2.1")
    page = browser.post("/mot-de-passe-oublie", email="p@example.org")
    assert page.status_code == 429
    assert "Recommencez dans une heure." in words(page)
    assert ask(portal, 1, "192.0.2.2") == [200]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_processes_count_together_in_redis(settings: Settings, database: Database, redis_url: str) -> None:
    shared_by_both = settings.model_copy(update={"redis_url": redis_url})
    address = f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"
    assert ask(create_app(shared_by_both, database), ALLOWED, address) == [200] * ALLOWED
    assert ask(create_app(shared_by_both, database), 1, address) == [429]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_its_redis_the_portal_goes_on(settings: Settings, database: Database) -> None:
    lost = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    assert ask(create_app(lost, database), 2, "192.0.2.1") == [200, 200]
