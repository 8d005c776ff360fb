"""What probes are told: one word, whatever the host, without a redirect (R38)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from admin_app import create_app as create_admin
from parent_portal import create_app as create_portal
from shared import clock, schema
from shared.config import Settings
from shared.database import Database
from shared.watching import readiness
from tests.watching.conftest import Seen
from tests.watching.versions import EARLIER, LATER, tables_of

APPLICATIONS = {"admin": create_admin, "portal": create_portal}
BALANCER = "http://10.0.0.7:8080"


@pytest.fixture(params=APPLICATIONS)
def create(request: pytest.FixtureRequest) -> Callable[..., Flask]:
    return APPLICATIONS[request.param]


@pytest.fixture(autouse=True)
def ask_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "SECONDS_KEPT", 0.0)


@pytest.mark.both_databases
@pytest.mark.parametrize("address", ["/sante", "/sante/", "/sante/pret", "/sante/pret/"])
def test_a_balancer_is_answered_whatever_the_host_it_asks_for(
    create: Callable[..., Flask], settings: Settings, database: Database, seen: Seen, address: str
) -> None:
    seen(clock.now())
    answer = create(settings, database).test_client().get(address, base_url=BALANCER)
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert "Set-Cookie" not in answer.headers


def test_no_worker_degrades_and_closes_nothing(
    create: Callable[..., Flask], settings: Settings, database: Database, seen: Seen
) -> None:
    client = create(settings, database).test_client()
    assert (client.get("/sante/pret").status_code, client.get("/sante/pret").text) == (200, "dégradé\n")
    seen(clock.now())
    assert client.get("/sante/pret").text == "ok\n"


@pytest.mark.runs_on("sqlite")
def test_without_its_database_it_lives_and_is_not_ready(
    create: Callable[..., Flask], settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "alone.db"
    database = Database(f"sqlite:///{file}")
    schema.upgrade(database.engine)
    client = create(settings, database).test_client()
    database.dispose()
    file.rename(tmp_path / "elsewhere.db")
    file.mkdir()
    assert (client.get("/sante").status_code, client.get("/sante").text) == (200, "ok\n")
    answer = client.get("/sante/pret")
    assert (answer.status_code, answer.text) == (503, "indisponible\n")


def test_tables_that_went_forward_are_served_and_older_ones_are_not(
    create: Callable[..., Flask], settings: Settings, database: Database, seen: Seen
) -> None:
    seen(clock.now())
    client = create(settings, database).test_client()
    for revision, status in ((LATER, 200), (EARLIER, 503)):
        with tables_of(database, revision):
            assert client.get("/sante/pret").status_code == status


def test_however_often_it_is_asked_the_database_is_not(
    create: Callable[..., Flask],
    settings: Settings,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(readiness, "SECONDS_KEPT", 3600.0)
    client = create(settings, database).test_client()
    client.get("/sante/pret")
    monkeypatch.setattr(database, "reading", None)
    assert {client.get("/sante/pret").status_code for _ in range(20)} == {200}


def test_nothing_but_reading_is_a_probe(create: Callable[..., Flask], settings: Settings, database: Database) -> None:
    client = create(settings, database).test_client()
    assert client.head("/sante").status_code == 200
    assert client.post("/sante").status_code in {400, 404}
    assert client.get("/sante/autre", follow_redirects=False).status_code in {303, 404}
