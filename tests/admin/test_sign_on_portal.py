"""A portal in front says by headers who comes: on its own listener, with its secret, and nowhere else (R34)."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from admin_app import create_app
from admin_app.installation import EXTENSION
from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.config import ConfigurationError, Settings
from shared.database import Database
from shared.models.access.identity_providers import IdentityProvider, ProviderKind
from shared.models.staff import Staff, StaffRoleKind, StaffSession
from shared.sign_on.providers import Description
from tests.admin.browser import Browser, sent_to, words
from tests.admin.sign_on_door import OTHER, UAI, delegation, roles, sessions
from tests.applications import lent
from tests.factories import make_establishment, second_factor

SECRET = "qX7-test-only-secret-of-the-portal-5e2d"
ADDRESS = "/connexion/par/portail"
HEAD = {
    "ct-remote-user": "elise.hoarau",
    "ctfn": "Élise".encode().decode("latin-1"),
    "ctln": "Hoarau",
    "FrEduRneResp": f"{UAI}$UAJ$PU$N$T3$CLG$340",
    "FrEduFonctAdm": "DIR",
}


def create_behind(settings: Settings, database: Database) -> Flask:
    return create_app(settings, database, behind_portal=True)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"front_secret": SECRET, "front_strength_header": "Auth-Level"})


@pytest.fixture
def front(settings: Settings, database: Database) -> Iterator[Flask]:
    """The listener that only the portal reaches."""
    with lent(create_behind, EXTENSION, settings, database) as app:
        yield app


@dataclass
class Portal:
    """It is in front of `app`, and adds `secret`."""

    app: Flask
    id: int
    secret: str = SECRET

    def come_in(self, said: Mapping[str, str] = HEAD, browser: Browser | None = None) -> tuple[Browser, TestResponse]:
        """From the button of the login page, with what the portal says of whoever comes through it."""
        browser = browser or Browser(self.app)
        way = sent_to(browser.post(f"/connexion/par/{self.id}", on="/connexion/"))
        path, _, query = way.partition("://")[2].partition("/")[2].partition("?")
        headers = {**said, **({"X-Teleservices-Secret": self.secret} if self.secret else {})}
        return browser, browser.client.get(
            f"/{path}", query_string=query, headers=headers, environ_base=browser.environ
        )


@pytest.fixture
def portal(front: Flask, database: Database, sealer: Sealer) -> Portal:
    leave = "https://portail.example.org/quitter"
    wanted = Description(ProviderKind.HEADERS, "le portail", leave, strengths=("5",), academy_groups=("DSI",))
    with database.writing() as session:
        make_establishment(session, UAI)
        make_establishment(session, OTHER, "Lycée des Flamboyants")
        row = IdentityProvider(**wanted.as_values(sealer), is_open=True, position=1, created_at=clock.now())
        session.add(row)
        session.flush()
        return Portal(front, row.id)


@pytest.mark.both_databases
def test_a_head_comes_in_through_the_portal_and_the_session_says_so(portal: Portal, database: Database) -> None:
    browser, answer = portal.come_in()
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Collège des Filaos" in words(browser.get("/"))
    assert roles(database) == [(StaffRoleKind.HEAD, UAI)]
    with database.reading() as session:
        opened = session.scalars(select(StaffSession)).one()
        assert (opened.provider_id, opened.factor_proved_at) == (portal.id, None)
        assert session.scalars(select(Staff.name)).one() == "Élise Hoarau"


def test_who_leaves_is_told_that_the_portal_still_knows_them(portal: Portal, database: Database) -> None:
    browser, _ = portal.come_in()
    page = browser.post("/deconnexion/")
    assert sessions(database) == 0
    assert "Mon compte" not in words(page)
    assert "Fermer aussi ma session par le portail" in words(page)
    assert 'href="https://portail.example.org/quitter"' in page.text


def test_several_schools_in_one_header_and_a_delegation_are_read(portal: Portal, database: Database) -> None:
    both = f"{HEAD['FrEduRneResp']},{OTHER}$UAJ$PU$N$T3$LYC$300"
    portal.come_in(HEAD | {"FrEduRneResp": both})
    assert roles(database) == [(StaffRoleKind.HEAD, UAI), (StaffRoleKind.HEAD, OTHER)]
    portal.come_in({"ct-remote-user": "rita", "FrEduResDel": delegation()})
    assert (StaffRoleKind.DELEGATE, OTHER) in roles(database)


WRONG_LETTER = HEAD["FrEduRneResp"].replace(UAI, f"{UAI[:-1]}{'A' if UAI[-1] != 'A' else 'B'}")
NOTHING_GIVEN = {
    "a wrong check letter": HEAD | {"FrEduRneResp": WRONG_LETTER},
    "no head": HEAD | {"FrEduFonctAdm": "ENS"},
    "works there only": {"ct-remote-user": "e", "FrEduFonctAdm": "DIR", "FrEduRne": HEAD["FrEduRneResp"], "rne": UAI},
    "a delegation of something else": {"ct-remote-user": "e", "FrEduResDel": delegation(application="autre")},
    "a delegation that holds the name": {"ct-remote-user": "e", "FrEduResDel": delegation(application="teleservices2")},
    "dates swapped": {"ct-remote-user": "e", "FrEduResDel": delegation("31/12/2999", "01/09/2020")},
    "an attribute longer than anybody's": HEAD | {"FrEduRneResp": ",".join([HEAD["FrEduRneResp"]] * 900)},
}


@pytest.mark.parametrize("said", NOTHING_GIVEN.values(), ids=NOTHING_GIVEN)
def test_what_gives_nothing_opens_nothing_and_is_told(
    portal: Portal, database: Database, caplog: pytest.LogCaptureFixture, said: dict[str, str]
) -> None:
    browser, answer = portal.come_in(said)
    assert answer.status_code == 422
    assert "rien ne vous est ouvert" in words(answer)
    assert "no_role" in caplog.text
    assert sessions(database) == 0
    assert browser.get("/").location == "/connexion/"


def test_a_closed_login_opens_nothing(portal: Portal, database: Database, caplog: pytest.LogCaptureFixture) -> None:
    browser, _ = portal.come_in()
    with database.writing() as session:
        session.scalars(select(Staff)).one().disabled_at = clock.now()
    assert browser.get("/personnels/").location == "/connexion/"
    again, answer = portal.come_in()
    assert answer.status_code == 422
    assert "Cet accès a été fermé" in words(answer)
    assert ": closed" in caplog.text
    assert again.get("/").location == "/connexion/"


REFUSED = {
    "nobody": (HEAD | {"ct-remote-user": ""}, "invalid: user"),
    "two persons": (HEAD | {"ct-remote-user": "marc,elise.hoarau"}, "invalid: user"),
    "a person without end": (HEAD | {"ct-remote-user": "x" * 256}, "invalid: user"),
    "a hundred kilobytes": (HEAD | {"FrEduRneResp": "x" * 100_000}, "not_through: too long"),
    "a header that came twice": (HEAD | {"X-Teleservices-Repeated": "FREDURNERESP"}, "a header came twice"),
}


@pytest.mark.parametrize(("said", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_said_clearly_opens_nothing(
    portal: Portal, database: Database, caplog: pytest.LogCaptureFixture, said: dict[str, str], reason: str
) -> None:
    browser, answer = portal.come_in(said)
    assert answer.status_code == 422
    assert "prévenez l'académie" in words(answer)
    assert reason in caplog.text
    assert "elise" not in caplog.text
    assert sessions(database) == 0
    assert browser.get("/").location == "/connexion/"


@pytest.mark.parametrize(("secret", "reason"), [("", "no secret"), (SECRET[:-1], "another secret"), ("é", "another")])
def test_without_the_secret_of_the_portal_nobody_comes_in(
    portal: Portal, database: Database, caplog: pytest.LogCaptureFixture, secret: str, reason: str
) -> None:
    portal.secret = secret
    _, answer = portal.come_in()
    assert answer.status_code == 422
    assert "n'est pas passée par le portail" in words(answer)
    assert f"not_through: {reason}" in caplog.text
    assert sessions(database) == 0


def test_the_ordinary_listener_believes_no_header_even_with_the_secret(
    app: Flask, portal: Portal, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    portal.app = app
    _, answer = portal.come_in()
    assert answer.status_code == 422
    assert "not_through: the ordinary listener" in caplog.text
    assert sessions(database) == 0


def test_who_left_by_the_ordinary_listener_comes_back_through_the_portal(app: Flask, portal: Portal) -> None:
    """One address of the site goes through the portal, all others do not."""
    ordinary, behind = Browser(app), Browser(portal.app)
    query = sent_to(ordinary.post(f"/connexion/par/{portal.id}", on="/connexion/")).partition("?")[2]
    behind.client.set_cookie("administration", ordinary.client.get_cookie("administration").value)
    headers = HEAD | {"X-Teleservices-Secret": SECRET}
    answer = behind.client.get(ADDRESS, query_string=query, headers=headers, environ_base=behind.environ)
    assert (answer.status_code, answer.location) == (303, "/")


def test_whoever_is_sent_there_by_somebody_else_is_not_logged_in(portal: Portal, database: Database) -> None:
    """Nobody is made to work under a person that the portal knows, without having asked for it in this browser."""
    mine, victim = Browser(portal.app), Browser(portal.app)
    query = sent_to(mine.post(f"/connexion/par/{portal.id}", on="/connexion/")).partition("?")[2]
    headers = HEAD | {"X-Teleservices-Secret": SECRET}
    for asked in (query, ""):
        assert victim.client.get(ADDRESS, query_string=asked, headers=headers).status_code == 422
    assert sessions(database) == 0


def test_no_page_sees_the_headers(front: Flask) -> None:
    seen: list[str] = []

    def look(environ, start_response):  # type: ignore[no-untyped-def]
        seen.extend(environ)
        start_response("200 OK", [])
        return []

    inside = front.wsgi_app.application if hasattr(front.wsgi_app, "application") else front.wsgi_app._application
    before, inside._application = inside._application, look
    try:
        front.test_client().get("/connexion/", headers=HEAD | {"X-Teleservices-Secret": SECRET})
    finally:
        inside._application = before
    assert seen
    assert not [name for name in seen if "FREDU" in name or "SECRET" in name or "REMOTE_USER" in name]


@pytest.mark.parametrize(("level", "is_asked"), [("5", False), ("4", True), ("", True)])
def test_the_code_is_asked_here_unless_the_portal_saw_one(
    portal: Portal, database: Database, sealer: Sealer, level: str, is_asked: bool
) -> None:
    portal.come_in()
    with database.writing() as session:
        staff = session.scalars(select(Staff)).one()
        for name, value in second_factor(sealer).items():
            setattr(staff, name, value)
    _, answer = portal.come_in(HEAD | {"Auth-Level": level})
    assert (answer.location == "/connexion/code/") is is_asked


def test_the_listener_of_the_portal_does_not_start_without_its_secret(settings: Settings, database: Database) -> None:
    without = settings.model_copy(update={"front_secret": None})
    with pytest.raises(ConfigurationError, match="FRONT_SECRET"):
        create_behind(without, database)


def test_the_headers_have_the_names_that_the_settings_give(
    settings: Settings, database: Database, portal: Portal
) -> None:
    own = settings.model_copy(
        update={"front_user_header": "Auth-User", "front_headers": "Auth-Charge=FrEduRneResp, Auth-Fonction=title"}
    )
    with lent(create_behind, EXTENSION, own, database) as app:
        portal.app = app
        said = {"Auth-User": "e", "Auth-Charge": HEAD["FrEduRneResp"], "Auth-Fonction": "DIR"}
        assert portal.come_in(said)[1].status_code == 303
        assert portal.come_in()[1].status_code == 422


@pytest.fixture(autouse=True)
def _logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
