"""Whoever finds a flaw knows whom to write to, on both applications, without being logged in."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

import admin_app
import parent_portal
from shared.config import ConfigurationError, Settings, load_settings
from shared.database import Database

PATH = "/.well-known/security.txt"


@pytest.fixture(params=[admin_app.create_app, parent_portal.create_app], ids=["admin", "portal"])
def app(request: pytest.FixtureRequest, settings: Settings, database: Database) -> Flask:
    made: Flask = request.param(settings, database)
    return made


def fields(app: Flask) -> dict[str, str]:
    answer = app.test_client().get(PATH)
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    return dict(line.split(": ", 1) for line in answer.text.splitlines())


def test_it_names_the_contact_and_is_good_for_less_than_a_year(app: Flask) -> None:
    told = fields(app)
    assert told["Contact"] == "mailto:securite@example.org"
    assert told["Canonical"].endswith(PATH)
    left = datetime.strptime(told["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(days=30) < left < timedelta(days=365)


@pytest.mark.parametrize("create_app", [admin_app.create_app, parent_portal.create_app], ids=["admin", "portal"])
def test_without_a_contact_there_is_no_such_page(create_app, settings: Settings, database: Database) -> None:
    untold = settings.model_copy(update={"security_contact": None})
    assert create_app(untold, database).test_client().get(PATH).status_code == 404


@pytest.mark.parametrize("contact", ["http://ac-exemple.fr/faille", "personne", "a@b\nContact: x@y.fr", "https://"])
def test_what_is_no_contact_is_refused_at_start(monkeypatch: pytest.MonkeyPatch, contact: str) -> None:
    monkeypatch.setenv("SECURITY_CONTACT", contact)
    monkeypatch.setenv("INITIAL_PASSWORD_KEY", base64.urlsafe_b64encode(b"0" * 32).decode())
    with pytest.raises(ConfigurationError, match="SECURITY_CONTACT"):
        load_settings()
