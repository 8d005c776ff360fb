"""How fresh the login is, who is there, and how sessions end on either side (R35)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode

import pytest
from flask import Flask
from joserfc import jws
from sqlalchemy import select

from shared import clock
from shared.config import Settings
from shared.database import Database
from shared.models.access.openid import OpenidClient, OpenidConsent, OpenidLogin
from shared.models.accounts import AccountSession
from shared.models.journal import Action, JournalEvent
from shared.provider.telling import EVENT, TRIES, Teller
from tests.factories import PASSWORD
from tests.portal.browser import Browser, words
from tests.portal.conftest import logged_in
from tests.provider.conftest import MANDATORY, Register
from tests.provider.service import AFTER, Service, agree, said, where


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> object:
    """The clock goes on by so many seconds."""
    began = clock.now()

    def pass_by(seconds: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: began + timedelta(seconds=seconds))

    return pass_by


def test_nothing_is_shown_where_nothing_may_be(portal: Flask, service: Service) -> None:
    stranger = Browser(portal)
    assert said(where(service.send(stranger, prompt="none")))["error"] == "login_required"
    browser = logged_in(portal, "m.payet")
    assert said(where(service.send(browser, prompt="none")))["error"] == "consent_required"
    service.code(browser)
    assert said(where(service.send(browser, prompt="none")))["code"]


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "0"}, {"max_age": "60"}])
def test_who_logged_in_too_long_ago_types_the_password_again(
    portal: Flask, service: Service, later: object, changes: dict[str, str]
) -> None:
    browser = logged_in(portal, "m.payet")
    before = service.claims(service.tokens(browser)["id_token"])["auth_time"]
    later(120)
    assert said(where(service.send(browser, prompt="none", max_age="60")))["error"] == "login_required"
    asked = service.send(browser, **changes)
    assert asked.headers["Location"] == "/openid/verification"
    assert browser.get("/openid/suite").headers["Location"] == "/openid/verification"
    browser.get("/openid/verification")
    assert browser.post("/openid/verification", current="faux").status_code == 422
    assert browser.get("/openid/suite").headers["Location"] == "/openid/verification"
    proved = browser.follow(browser.post("/openid/verification", current=PASSWORD))
    tokens = service.exchange(said(where(proved))["code"]).json
    assert service.claims(tokens["id_token"])["auth_time"] >= before + 60


def test_a_login_that_is_fresh_enough_serves(portal: Flask, service: Service, later: object) -> None:
    browser = logged_in(portal, "m.payet")
    service.code(browser)
    later(50)
    assert said(where(service.send(browser, max_age="60")))["code"]


def test_a_login_since_the_question_is_fresh(portal: Flask, service: Service) -> None:
    browser = Browser(portal)
    assert service.send(browser, prompt="login", max_age="0").headers["Location"] == "/connexion"
    shown = browser.follow(browser.log_in("m.payet", PASSWORD))
    assert said(where(agree(browser, shown)))["code"]


def test_a_hint_of_somebody_else_gets_no_answer(portal: Flask, service: Service, register: Register) -> None:
    browser = logged_in(portal, "m.payet")
    own = service.tokens(browser)["id_token"]
    of_other_service = register(MANDATORY).tokens(browser)["id_token"]
    assert said(where(service.send(browser, id_token_hint=own)))["code"]
    assert said(where(service.send(browser, id_token_hint=of_other_service)))["error"] == "login_required"


def test_what_waited_too_long_is_forgotten(portal: Flask, service: Service, later: object) -> None:
    browser = Browser(portal)
    service.send(browser)
    later(3600)
    assert browser.log_in("m.payet", PASSWORD).headers["Location"] == "/openid/suite"
    assert browser.get("/openid/suite").headers["Location"] == "/"


# Logout asked by the téléservice.


def sessions(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(AccountSession)).all())


def ask_to_end(browser: Browser, **fields: str):
    return browser.get(f"/openid/fin?{urlencode(fields)}")


def test_a_teleservice_that_shows_whose_session_it_is_ends_it(
    portal: Flask, service: Service, database: Database
) -> None:
    browser = logged_in(portal, "m.payet")
    hint = service.tokens(browser)["id_token"]
    left = ask_to_end(browser, id_token_hint=hint, post_logout_redirect_uri=AFTER, state="fini")
    assert left.headers["Location"] == f"{AFTER}?state=fini"
    assert sessions(database) == 0
    assert browser.get("/").headers["Location"] == "/connexion"


def test_a_token_that_is_over_shows_it_as_well(
    portal: Flask, service: Service, database: Database, later: object
) -> None:
    browser = logged_in(portal, "m.payet")
    hint = service.tokens(browser)["id_token"]
    later(1800)
    assert where(ask_to_end(browser, id_token_hint=hint, post_logout_redirect_uri=AFTER)) == AFTER
    assert sessions(database) == 0


def test_without_proof_its_holder_is_asked(portal: Flask, service: Service, database: Database) -> None:
    browser = logged_in(portal, "m.payet")
    shown = ask_to_end(browser, client_id=service.client_id, post_logout_redirect_uri=AFTER)
    assert "vous déconnecter du portail" in words(shown)
    assert sessions(database) == 1
    sent = urlencode({"client_id": service.client_id, "post_logout_redirect_uri": AFTER})
    left = browser.post("/openid/fin/confirmer", sent=sent)
    # Without a token nobody is sent elsewhere.
    assert left.headers["Location"] == "/connexion"
    assert sessions(database) == 0


@pytest.mark.parametrize("fields", [{}, {"state": "fini"}, {"post_logout_redirect_uri": AFTER}])
def test_a_logout_that_says_nothing_of_whose_it_is_is_asked_and_leads_nowhere_else(
    portal: Flask, service: Service, database: Database, fields: dict[str, str]
) -> None:
    browser = logged_in(portal, "m.payet")
    shown = ask_to_end(browser, **fields)
    assert "vous déconnecter du portail" in words(shown)
    assert sessions(database) == 1
    assert browser.post("/openid/fin/confirmer", sent=urlencode(fields)).headers["Location"] == "/connexion"
    assert sessions(database) == 0


def test_a_logout_without_an_address_ends_the_session_and_stays_here(
    portal: Flask, service: Service, database: Database
) -> None:
    browser = logged_in(portal, "m.payet")
    hint = service.tokens(browser)["id_token"]
    assert where(ask_to_end(browser, id_token_hint=hint, state="fini")) == "/connexion"
    assert sessions(database) == 0


def test_a_hint_of_another_browser_ends_nothing_by_itself(portal: Flask, service: Service, database: Database) -> None:
    hint = service.tokens(logged_in(portal, "m.payet"))["id_token"]
    other = logged_in(portal, "m.payet")
    shown = ask_to_end(other, id_token_hint=hint, post_logout_redirect_uri=AFTER)
    assert "vous déconnecter du portail" in words(shown)
    assert sessions(database) == 2
    sent = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": AFTER})
    assert where(other.post("/openid/fin/confirmer", sent=sent)) == AFTER


@pytest.mark.parametrize(
    "address", [f"{AFTER}/plus", f"{AFTER}#x", "https://voleur.example/", "javascript:alert(1)", ""]
)
def test_an_address_that_is_not_registered_is_never_gone_to_after_a_logout(
    portal: Flask, service: Service, address: str
) -> None:
    browser = logged_in(portal, "m.payet")
    hint = service.tokens(browser)["id_token"]
    assert where(ask_to_end(browser, id_token_hint=hint, post_logout_redirect_uri=address)) == "/connexion"


@pytest.mark.parametrize("hint", ["x", "a.b.c", "x" * 5000, "é"])
def test_a_hint_that_is_none_of_ours_ends_nothing(
    portal: Flask, service: Service, database: Database, hint: str
) -> None:
    browser = logged_in(portal, "m.payet")
    assert ask_to_end(browser, id_token_hint=hint, post_logout_redirect_uri=AFTER).status_code == 400
    assert sessions(database) == 1


def test_a_hint_of_another_client_is_refused(portal: Flask, service: Service, register: Register) -> None:
    browser = logged_in(portal, "m.payet")
    hint = service.tokens(browser)["id_token"]
    other = register(MANDATORY)
    assert ask_to_end(browser, id_token_hint=hint, client_id=other.client_id).status_code == 400


def test_a_logout_asked_by_a_form_is_asked_again_as_an_address(portal: Flask, service: Service) -> None:
    browser = logged_in(portal, "m.payet")
    fields = {"id_token_hint": service.tokens(browser)["id_token"], "post_logout_redirect_uri": AFTER}
    sent = portal.test_client().post("/openid/fin", data=fields)
    assert where(browser.get(sent.headers["Location"])) == AFTER


def test_who_is_logged_in_no_more_goes_back_at_once(portal: Flask, service: Service) -> None:
    hint = service.tokens(logged_in(portal, "m.payet"))["id_token"]
    assert where(ask_to_end(Browser(portal), id_token_hint=hint, post_logout_redirect_uri=AFTER)) == AFTER


# Logout told to téléservices.


class Ear(ThreadingHTTPServer):
    """Where a téléservice hears that a session ended."""

    status = 200
    heard: list[str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/fin"


class _Hears(BaseHTTPRequestHandler):
    server: Ear

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.heard += sent["logout_token"]
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Tests read no log of it."""


@contextmanager
def _listening() -> Iterator[Ear]:
    ear = Ear(("127.0.0.1", 0), _Hears)
    ear.heard = []
    thread = threading.Thread(target=ear.serve_forever, daemon=True)
    thread.start()
    try:
        yield ear
    finally:
        ear.shutdown()
        ear.server_close()
        thread.join()


@pytest.fixture
def ear() -> Iterator[Ear]:
    with _listening() as ear:
        yield ear


@pytest.fixture
def told(register: Register, ear: Ear) -> Service:
    return register(logout_address=ear.address)


@pytest.fixture
def teller(database: Database, settings: Settings) -> Teller:
    return Teller(database, settings, threading.Event())


def test_a_teleservice_is_told_that_the_session_of_the_portal_ended(
    portal: Flask, told: Service, ear: Ear, teller: Teller
) -> None:
    browser = logged_in(portal, "m.payet")
    claims = told.claims(told.tokens(browser)["id_token"])
    teller.tell_due()
    assert ear.heard == []
    browser.get("/")
    browser.post("/deconnexion")
    teller.tell_due()
    (token,) = ear.heard
    said_of = told.claims(token)
    assert (said_of["iss"], said_of["aud"]) == (told.issuer, told.client_id)
    assert (said_of["sub"], said_of["sid"]) == (claims["sub"], claims["sid"])
    assert said_of["events"] == {EVENT: {}}
    assert said_of["jti"]
    assert "nonce" not in said_of
    assert said_of["exp"] - said_of["iat"] <= 120
    assert jws.extract_compact(token.encode()).headers()["typ"] == "logout+jwt"
    teller.tell_due()
    assert len(ear.heard) == 1


def test_every_way_in_which_a_session_ends_is_told(
    portal: Flask, told: Service, ear: Ear, teller: Teller, database: Database
) -> None:
    first, second = logged_in(portal, "m.payet"), logged_in(portal, "m.payet")
    for browser in (first, second):
        told.tokens(browser)
    first.get("/compte")
    first.post("/compte/deconnecter-partout")
    teller.tell_due()
    assert len(set(ear.heard)) == 2
    third = logged_in(portal, "m.payet")
    told.tokens(third)
    with database.writing() as session:
        for row in session.scalars(select(AccountSession)):
            session.delete(row)
    teller.tell_due()
    assert len(ear.heard) == 3


def test_one_that_does_not_hear_is_told_again_and_not_for_ever(
    portal: Flask, told: Service, ear: Ear, teller: Teller, database: Database, later: object
) -> None:
    ear.status = 500
    browser = logged_in(portal, "m.payet")
    told.tokens(browser)
    browser.get("/")
    browser.post("/deconnexion")
    for hour in range(TRIES + 2):
        later(hour * 3700)
        teller.tell_due()
    assert len(ear.heard) == TRIES
    with database.reading() as session:
        assert session.scalars(select(OpenidLogin)).all() == []


def test_one_that_cannot_be_told_is_forgotten(
    portal: Flask, service: Service, teller: Teller, database: Database
) -> None:
    browser = logged_in(portal, "m.payet")
    service.tokens(browser)
    browser.get("/")
    browser.post("/deconnexion")
    teller.tell_due()
    with database.reading() as session:
        assert session.scalars(select(OpenidLogin)).all() == []


def test_a_session_that_ends_by_itself_is_told_to_nobody(
    portal: Flask, told: Service, ear: Ear, teller: Teller, later: object
) -> None:
    told.tokens(logged_in(portal, "m.payet"))
    later(9 * 3600)
    teller.tell_due()
    assert ear.heard == []


def test_what_a_session_gave_dies_with_it(portal: Flask, service: Service) -> None:
    browser = logged_in(portal, "m.payet")
    token, code = service.tokens(browser)["access_token"], service.code(browser)
    browser.get("/")
    browser.post("/deconnexion")
    assert service.person(token).status_code == 401
    assert service.exchange(code).json["error"] == "invalid_grant"


# What the holder takes back.


def test_what_is_given_is_shown_and_taken_back(
    portal: Flask, told: Service, ear: Ear, teller: Teller, database: Database
) -> None:
    browser = logged_in(portal, "m.payet")
    token = told.tokens(browser)["access_token"]
    page = words(browser.get("/compte/teleservices"))
    assert "Fiche de renseignements" in page
    assert "votre adresse e-mail" in page
    assert "Tom PAYET" in page
    held = words(browser.get("/compte/mes-donnees"))
    assert "enfants (prénom, établissement, classe)" in held
    browser.get("/compte/teleservices")
    assert browser.post(f"/compte/teleservices/{told.number}/retirer").status_code == 303
    assert told.person(token).status_code == 401
    assert "Aucun pour l'instant" in words(browser.get("/compte/teleservices"))
    assert "Retiré le" in words(browser.get("/compte/mes-donnees")) or "retiré le" in words(
        browser.get("/compte/mes-donnees")
    )
    teller.tell_due()
    assert len(ear.heard) == 1
    with database.reading() as session:
        assert session.scalars(select(JournalEvent.action)).all().count(Action.CONSENT_WITHDRAWN) == 1
    shown = told.send(browser)
    assert "Entrer dans" in words(shown)
    assert said(where(agree(browser, shown)))["code"]
    assert browser.post("/compte/teleservices/999/retirer").status_code == 404


def test_nobody_takes_back_what_another_family_gives(portal: Flask, service: Service, database: Database) -> None:
    service.tokens(logged_in(portal, "m.payet"))
    with database.reading() as session:
        client = session.scalars(select(OpenidClient)).one()
    stranger = Browser(portal)
    assert stranger.post(f"/compte/teleservices/{client.id}/retirer").headers["Location"] == "/connexion"
    with database.reading() as session:
        assert session.scalars(select(OpenidConsent)).one().withdrawn_at is None
