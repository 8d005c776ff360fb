"""Staff come in by CAS: with a ticket of this server, for our address, from this browser, once (R34)."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.database import Database
from shared.models.access.identity_providers import IdentityProvider, ProviderKind
from shared.models.staff import Staff, StaffRoleKind
from shared.sign_on.attempts import TIME_TO_COME_BACK
from shared.sign_on.providers import Description
from shared.sign_on.refusals import Refusal
from tests.admin.browser import Browser, sent_to, words
from tests.admin.sign_on_door import BACK, NOTHING_GIVEN, OTHER, UAI, kept_out, roles, sessions
from tests.factories import make_establishment
from tests.sign_on.cas_server import UNKNOWN, Cas, answering, known

HEAD = {"FrEduRneResp": f"{UAI}$UAJ$PU$N$T3$CLG$340", "FrEduFonctAdm": "DIR", "cn": "Élise"}
BOMB = "<!DOCTYPE x [<!ENTITY a 'p-1'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]>" + known("&b;", HEAD)


@pytest.fixture
def server() -> Iterator[Cas]:
    with answering() as server:
        server.attributes = HEAD
        yield server


@dataclass
class CasDoor:
    """A server that the académie opened, seen from a browser."""

    app: Flask
    id: int
    server: Cas

    def leave(self, browser: Browser) -> str:
        """Press its button, and say where that leads."""
        return sent_to(browser.post(f"/connexion/par/{self.id}", on="/connexion/"))

    def come_in(self, browser: Browser | None = None, **changes: str) -> tuple[Browser, TestResponse]:
        """The whole way there and back."""
        browser = browser or Browser(self.app)
        back = self.server.log_in(self.leave(browser))
        return browser, browser.get(BACK, **(back | changes))


@pytest.fixture
def door(app: Flask, database: Database, sealer: Sealer, server: Cas) -> CasDoor:
    wanted = Description(ProviderKind.CAS, "l'ENT", server.address)
    with database.writing() as session:
        make_establishment(session, UAI)
        make_establishment(session, OTHER, "Lycée des Flamboyants")
        row = IdentityProvider(**wanted.as_values(sealer), is_open=True, position=1, created_at=clock.now())
        session.add(row)
        session.flush()
        return CasDoor(app, row.id, server)


def test_a_head_comes_in_and_works_in_the_school(door: CasDoor, database: Database) -> None:
    browser, answer = door.come_in()
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Collège des Filaos" in words(browser.get("/"))
    assert roles(database) == [(StaffRoleKind.HEAD, UAI)]


@pytest.mark.parametrize(
    ("changes", "refusal", "reason"),
    [
        ({"ticket": ""}, Refusal.INVALID, "no ticket"),
        ({"ticket": "ST-inconnu"}, Refusal.INVALID, "ticket refused"),
        ({"ticket": "x" * 100_000}, Refusal.INVALID, "no ticket"),
        ({"state": ""}, Refusal.NOT_BEGUN, "no state"),
        ({"state": "x" * 43}, Refusal.NOT_BEGUN, "unknown state"),
    ],
)
def test_what_comes_back_otherwise_than_it_was_sent_opens_nothing(
    door: CasDoor,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, str],
    refusal: Refusal,
    reason: str,
) -> None:
    kept_out(door.come_in(**changes)[1], caplog, database, refusal, reason)


@pytest.mark.parametrize(
    ("answer", "refusal", "reason"),
    [
        (UNKNOWN, Refusal.INVALID, "ticket refused"),
        (known("", HEAD), Refusal.INVALID, "ticket refused"),
        (known("x" * 256, HEAD), Refusal.INVALID, "user"),
        (BOMB, Refusal.UNAVAILABLE, "answer: ValueError"),
        ("rien", Refusal.UNAVAILABLE, "answer"),
        ("x" * 3_000_000, Refusal.UNAVAILABLE, ""),
    ],
    ids=["unknown", "nobody", "a name without end", "entities", "no XML", "without end"],
)
def test_what_the_server_says_of_nobody_lets_nobody_in(
    door: CasDoor,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    answer: str,
    refusal: Refusal,
    reason: str,
) -> None:
    browser = Browser(door.app)
    back = door.server.log_in(door.leave(browser))
    door.server.answer = answer
    kept_out(browser.get(BACK, **back), caplog, database, refusal, reason)


def test_a_ticket_is_good_once(door: CasDoor, database: Database, caplog: pytest.LogCaptureFixture) -> None:
    _, answer = door.come_in()
    assert answer.status_code == 303
    other = Browser(door.app)
    back = door.server.log_in(door.leave(other))
    # That of the one who came in, in another browser that began rightly.
    refused = other.get(BACK, **(back | {"ticket": "ST-1"}))
    assert refused.status_code == 422
    assert "invalid: ticket refused" in caplog.text
    assert sessions(database) == 1


def test_a_ticket_for_another_address_opens_nothing(
    door: CasDoor, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser(door.app)
    back = door.server.log_in(door.leave(browser))
    door.server.tickets["ST-autre"] = "https://autre.example.org/"
    kept_out(browser.get(BACK, **(back | {"ticket": "ST-autre"})), caplog, database, Refusal.INVALID, "ticket refused")


def test_an_answer_is_of_its_own_browser(door: CasDoor, database: Database, caplog: pytest.LogCaptureFixture) -> None:
    mine, stranger = Browser(door.app), Browser(door.app)
    back = door.server.log_in(door.leave(mine))
    door.leave(stranger)
    kept_out(stranger.get(BACK, **back), caplog, database, Refusal.NOT_BEGUN, "state of another browser")
    assert mine.get(BACK, **back).status_code == 422


def test_an_answer_that_comes_too_late_opens_nothing(
    door: CasDoor, database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(door.app)
    back = door.server.log_in(door.leave(browser))
    late = clock.now() + TIME_TO_COME_BACK
    monkeypatch.setattr(clock, "now", lambda: late)
    kept_out(browser.get(BACK, **back), caplog, database, Refusal.NOT_BEGUN, "too long ago")


@pytest.mark.parametrize("said", NOTHING_GIVEN.values(), ids=NOTHING_GIVEN)
def test_what_gives_nothing_opens_nothing_and_is_told(
    door: CasDoor, database: Database, caplog: pytest.LogCaptureFixture, said: dict[str, str]
) -> None:
    door.server.attributes = said
    kept_out(door.come_in()[1], caplog, database, Refusal.NO_ROLE)


def test_a_closed_login_and_a_shut_server_open_nothing(
    door: CasDoor, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    door.come_in()
    with database.writing() as session:
        session.scalars(select(Staff)).one().disabled_at = clock.now()
    _, closed = door.come_in()
    assert closed.status_code == 422
    assert "Cet accès a été fermé" in words(closed)
    assert ": closed" in caplog.text
    browser = Browser(door.app)
    back = door.server.log_in(door.leave(browser))
    with database.writing() as session:
        session.scalars(select(IdentityProvider)).one().is_open = False
    assert "L'académie a fermé cette façon de se connecter" in words(browser.get(BACK, **back))
    assert browser.get("/").location == "/connexion/"
