"""What the logs say of requests: why one was refused, which one failed, by a number that the answer carries."""

import logging
from collections.abc import Callable

import pytest
from flask import Flask

from admin_app import create_app as create_admin
from parent_portal import create_app as create_portal
from shared.config import Settings
from shared.database import Database

pytestmark = pytest.mark.both_databases
APPLICATIONS = {"admin": create_admin, "portal": create_portal}


@pytest.fixture(params=APPLICATIONS)
def create(request: pytest.FixtureRequest) -> Callable[..., Flask]:
    return APPLICATIONS[request.param]


@pytest.fixture
def app(create: Callable[..., Flask], settings: Settings, database: Database) -> Flask:
    app = create(settings, database)
    app.testing = False
    return app


def refusal(caplog: pytest.LogCaptureFixture) -> str:
    (line,) = [one for one in caplog.messages if one.startswith("Refused")]
    return line


def test_a_form_that_was_never_shown_says_so(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    address = "/connexion/" if app.name == "admin_app" else "/connexion"
    assert app.test_client().post(address, data={"password": "zorglub"}).status_code == 400
    assert "400: POST login." in refusal(caplog)
    assert "The CSRF token is missing" in refusal(caplog)
    assert "zorglub" not in caplog.text


def test_another_host_is_named_with_the_address_that_is_ours(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    answer = app.test_client().get("/connexion", base_url="http://elsewhere.example")
    assert answer.status_code == 400
    assert "'elsewhere.example'" in refusal(caplog)
    assert "http://127.0.0.1:500" in refusal(caplog)


def test_a_page_that_fails_is_told_by_its_name_and_not_by_its_address(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_given: str) -> None:
        raise ValueError("broken")

    app.view_functions["static"] = fail
    answer = app.test_client().get("/static/secret-of-a-mailed-link")
    assert answer.status_code == 500
    (failure,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert failure.getMessage() == "GET static failed"
    assert failure.exc_info is not None
    assert "secret" not in failure.getMessage()


def test_the_number_of_a_request_is_in_its_answer_and_another_each_time(app: Flask) -> None:
    client = app.test_client()
    numbers = {
        client.get("/robots.txt", headers={"X-Request-ID": "given-by-anybody"}).headers["X-Request-ID"] for _ in "ab"
    }
    assert len(numbers) == 2
    assert "given-by-anybody" not in numbers


def test_the_number_that_a_relay_gave_is_kept(
    create: Callable[..., Flask], settings: Settings, database: Database
) -> None:
    app = create(settings.model_copy(update={"trusted_proxies": 1}), database)
    answer = app.test_client().get("/robots.txt", headers={"X-Request-ID": "4bf92f3577b34da6"})
    assert answer.headers["X-Request-ID"] == "4bf92f3577b34da6"
