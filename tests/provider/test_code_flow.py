"""A téléservice knows a family by the portal: the code flow from the browser to UserInfo (R35)."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.database import Database
from shared.models.access.openid import OpenidConsent, OpenidPass, Shared
from shared.models.journal import Action, JournalEvent
from shared.models.school import Establishment, Guardian
from tests.factories import PASSWORD, link, make_student
from tests.portal.browser import Browser, words
from tests.portal.conftest import logged_in
from tests.provider.conftest import EVERYTHING, MANDATORY, Register
from tests.provider.service import BACK, VERIFIER, Service, agree, said, where


def test_a_family_logs_in_reads_what_is_asked_agrees_and_is_known(portal: Flask, service: Service) -> None:
    browser = Browser(portal)
    sent = service.send(browser)
    assert sent.headers["Location"] == "/connexion"
    shown = browser.follow(browser.log_in("m.payet", PASSWORD))
    page = words(shown)
    assert "Fiche de renseignements" in page
    assert "votre adresse e-mail" in page
    assert "Léa PAYET" in page
    assert "Lycée des Flamboyants" in page
    back = where(agree(browser, shown))
    assert back.startswith(f"{BACK}?")
    answer = said(back)
    assert (answer["state"], answer["iss"]) == ("etat", service.issuer)
    tokens = service.exchange(answer["code"]).json
    assert tokens["token_type"] == "Bearer"
    assert "refresh_token" not in tokens
    assert set(service.person(tokens["access_token"]).json) == {
        "sub",
        "name",
        "given_name",
        "family_name",
        "email",
        "email_verified",
        "enfants",
    }


def test_the_id_token_says_who_when_and_how(portal: Flask, service: Service) -> None:
    tokens = service.tokens(logged_in(portal, "m.payet"))
    claims = service.claims(tokens["id_token"])
    now = clock.now().timestamp()
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (service.issuer, service.client_id, "nonce")
    assert claims["iat"] - 5 <= now <= claims["exp"] <= now + 301
    assert (claims["acr"], claims["amr"]) == ("loa-1", ["pwd"])
    assert claims["auth_time"] <= now
    assert claims["at_hash"]
    assert claims["sid"]
    person = service.person(tokens["access_token"]).json
    assert person["sub"] == claims["sub"]
    assert (person["given_name"], person["family_name"]) == ("Marie", "PAYET")
    assert (person["email"], person["email_verified"]) == ("m.payet@example.org", True)


def test_each_child_is_named_with_its_school_its_division_and_a_number_of_its_own(
    portal: Flask, service: Service
) -> None:
    person = service.person(service.tokens(logged_in(portal, "m.payet"))["access_token"]).json
    told = [(child["prenom"], child["uai"], child["division"]) for child in person["enfants"]]
    assert told == [("Léa", "9740001A", "6A"), ("Tom", "9740002B", "2A")]
    assert len({child["id"] for child in person["enfants"]}) == 2
    assert all("ine" not in child for child in person["enfants"])


def test_no_two_teleservices_know_a_family_or_a_child_by_the_same_name(portal: Flask, register: Register) -> None:
    one, other = register(), register(MANDATORY)
    browser = logged_in(portal, "m.payet")
    people = [service.person(service.tokens(browser)["access_token"]).json for service in (one, other)]
    assert len({person["sub"] for person in people}) == 2
    assert len({child["id"] for person in people for child in person["enfants"]}) == 4
    again = one.person(one.tokens(logged_in(portal, "m.payet"))["access_token"]).json
    assert again == people[0]


def test_the_ine_goes_to_whom_the_academie_marked_only(portal: Flask, register: Register) -> None:
    marked = register(data=EVERYTHING | {Shared.INE})
    browser = logged_in(portal, "m.payet")
    shown = browser.follow(marked.send(browser))
    assert "INE" in words(shown)
    agree(browser, shown)
    person = marked.person(marked.tokens(browser)["access_token"]).json
    assert [child["ine"] for child in person["enfants"]] == ["123456789AA", "123456789BB"]


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("openid", {"sub"}),
        ("openid profile", {"sub", "name", "given_name", "family_name"}),
        ("openid email", {"sub", "email", "email_verified"}),
        ("openid enfants", {"sub", "enfants"}),
        ("openid enfants offline_access", {"sub", "enfants"}),
    ],
)
def test_a_scope_opens_its_own_data_and_no_other(portal: Flask, service: Service, scope: str, told: set[str]) -> None:
    tokens = service.tokens(logged_in(portal, "m.payet"), scope=scope)
    assert set(service.person(tokens["access_token"]).json) == told
    assert set(tokens["scope"].split()) == set(scope.split()) - {"offline_access"}


def test_what_was_agreed_to_is_not_asked_again_but_more_is(portal: Flask, service: Service, database: Database) -> None:
    browser = logged_in(portal, "m.payet")
    service.tokens(browser, scope="openid email")
    assert said(where(service.send(browser, scope="openid email")))["code"]
    assert "enfant" in words(service.send(browser, scope="openid email enfants"))
    assert "Entrer dans" in words(service.send(browser, scope="openid email", prompt="consent"))
    assert "m.payet" in words(service.send(browser, scope="openid email", prompt="select_account"))
    with database.reading() as session:
        told = session.scalars(select(JournalEvent).order_by(JournalEvent.id)).all()
    given = [event for event in told if event.action == Action.CONSENT_GIVEN]
    entered = [event for event in told if event.action == Action.SERVICE_ENTERED]
    assert [event.details["shared"] for event in given] == [["email"]]
    assert len(entered) == 1
    assert entered[0].details["service"] == "Fiche de renseignements"


def test_another_data_or_another_child_is_asked_for(
    portal: Flask, service: Service, database: Database, schools: tuple[int, int]
) -> None:
    browser = logged_in(portal, "m.payet")
    token = service.tokens(browser, scope="openid enfants")["access_token"]
    assert "Entrer dans" in words(service.send(browser, scope="openid enfants email"))
    with database.writing() as session:
        marie = session.scalars(select(Guardian).where(Guardian.establishment_id == schools[0])).one()
        college = session.get_one(Establishment, schools[0])
        link(session, make_student(session, college, first_name="Zoé"), marie)
    assert [child["prenom"] for child in service.person(token).json["enfants"]] == ["Léa", "Tom"]
    assert "Zoé" in words(service.send(browser, scope="openid enfants"))


def test_who_declines_goes_back_without_a_code(portal: Flask, service: Service, database: Database) -> None:
    browser = logged_in(portal, "m.payet")
    back = said(where(agree(browser, service.send(browser), answer="no")))
    assert back == {"error": "access_denied", "state": "etat", "iss": service.issuer}
    with database.reading() as session:
        assert session.scalars(select(OpenidConsent)).all() == []


def test_agreeing_is_for_what_the_page_said(portal: Flask, register: Register, database: Database) -> None:
    one, other = register(), register(MANDATORY)
    browser = logged_in(portal, "m.payet")
    shown = one.send(browser)
    other.send(browser)
    answer = agree(browser, shown)
    assert answer.headers["Location"].startswith("/openid/autorisation?")
    with database.reading() as session:
        assert session.scalars(select(OpenidConsent)).all() == []
    assert "Fiche de renseignements" in words(browser.follow(answer))


def test_userinfo_is_asked_by_post_as_well(portal: Flask, service: Service) -> None:
    token = service.tokens(logged_in(portal, "m.payet"))["access_token"]
    client = portal.test_client()
    assert client.post("/openid/personne", data={"access_token": token}).json["sub"]
    assert client.post("/openid/personne", headers={"Authorization": f"Bearer {token}"}).json["sub"]
    assert client.get(f"/openid/personne?access_token={token}").status_code == 401


def test_a_client_proves_itself_by_header_or_in_the_body(portal: Flask, service: Service) -> None:
    browser = logged_in(portal, "m.payet")
    code = service.code(browser)
    answer = portal.test_client().post(
        "/openid/jeton",
        data={"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER, "redirect_uri": BACK},
        auth=(service.client_id, service.secret),
    )
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_form_of_elsewhere_is_taken_as_an_address(portal: Flask, service: Service) -> None:
    browser = logged_in(portal, "m.payet")
    sent = portal.test_client().post("/openid/autorisation", data=service.question())
    assert sent.status_code == 303
    assert "Entrer dans un téléservice" in words(browser.get(sent.headers["Location"]))


def test_nothing_that_opens_anything_is_kept_as_it_is(portal: Flask, service: Service, database: Database) -> None:
    browser = logged_in(portal, "m.payet")
    code = service.code(browser)
    token = service.exchange(code).json["access_token"]
    with database.reading() as session:
        kept = repr([vars(row) for row in session.scalars(select(OpenidPass))])
    assert code not in kept
    assert token not in kept
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM openid_client").all()
        keys = connection.exec_driver_sql("SELECT * FROM openid_key").all()
    assert service.secret not in repr(rows)
    assert "PRIVATE KEY" not in repr(keys)


def test_a_code_lasts_a_minute_and_a_token_ten(
    portal: Flask, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, began = logged_in(portal, "m.payet"), clock.now()
    late, code = service.code(browser), service.code(browser)
    token = service.exchange(code).json["access_token"]
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(minutes=2))
    assert service.exchange(late).json["error"] == "invalid_grant"
    assert service.person(token).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(minutes=11))
    assert service.person(token).status_code == 401


@pytest.mark.parametrize(
    "more",
    [
        {"display": "popup"},
        {"ui_locales": "en"},
        {"claims_locales": "en"},
        {"acr_values": "loa-2 loa-1"},
        {"login_hint": "m.payet"},
        {"claims": '{"userinfo": {"name": {"essential": true}}}'},
        {"inconnu": "1"},
        {"nonce": None},
        {"scope": "enfants email openid"},
        {"prompt": ""},
    ],
    ids=str,
)
def test_what_may_be_asked_and_changes_nothing_is_accepted(
    portal: Flask, service: Service, more: dict[str, str | None]
) -> None:
    tokens = service.tokens(logged_in(portal, "m.payet"), **more)
    claims = service.claims(tokens["id_token"])
    assert claims.get("nonce") == (None if "nonce" in more else "nonce")
    assert claims["acr"] == "loa-1"
