"""What is wrong in what a téléservice, or a browser, sends: a sentence, a reason in the log, no code or token (R35)."""

import base64
import logging
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select

from shared import clock
from shared.acting.desk import Act
from shared.database import Database
from shared.establishments.services import set_open
from shared.journal import SYSTEM
from shared.models.access.openid import OpenidClient, OpenidPass, Shared
from shared.models.access.ties import AccountTie, TieState
from shared.models.accounts import Account, AccountState
from shared.models.school import Establishment
from shared.models.teleservices import Teleservice
from shared.provider.clients import CLIENTS
from tests.factories import PASSWORD, at_desk, make_account, make_division, make_establishment, make_student
from tests.portal.browser import Browser, words
from tests.portal.conftest import Directory, logged_in
from tests.provider.conftest import MANDATORY, OPTIONAL, Register
from tests.provider.service import BACK, VERIFIER, Service, agree, said, where


def codes(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(OpenidPass)) or 0


@pytest.fixture
def marie(portal: Flask, service: Service) -> Browser:
    return logged_in(portal, "m.payet")


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": f"{BACK}/plus"},
        {"redirect_uri": f"{BACK}?suite=1"},
        {"redirect_uri": f"{BACK}#suite"},
        {"redirect_uri": BACK.upper()},
        {"redirect_uri": BACK.replace("https", "http")},
        {"redirect_uri": "https://bourses.example.org.voleur.example/retour"},
        {"redirect_uri": 'https://voleur.example/é"<script>'},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": None},
        {"redirect_uri": ""},
        {"client_id": "inconnu"},
        {"client_id": None},
        {"client_id": "x" * 500},
        {"state": "x" * 1990},
    ],
)
def test_an_address_that_is_none_of_its_own_is_never_gone_to(
    marie: Browser,
    service: Service,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, str | None],
) -> None:
    refused = service.send(marie, **changes)
    assert refused.status_code == 400
    assert "not_understood: " in caplog.text
    assert "voleur" not in caplog.text
    assert where(refused) == ""
    assert "voleur" not in refused.text
    assert "Revenez au téléservice" in words(refused)
    assert codes(database) == 0


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "court"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"scope": "openid profile adresse"}, "invalid_scope"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "danser"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "²"}, "invalid_request"),
        ({"max_age": "9" * 30}, "invalid_request"),
        ({"request": "a.b.c"}, "request_not_supported"),
        ({"request_uri": "https://bourses.example.org/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"nonce": "x" * 501}, "invalid_request"),
        ({"id_token_hint": "a.b.c"}, "login_required"),
    ],
)
def test_what_is_asked_wrongly_is_told_to_the_teleservice(
    marie: Browser,
    service: Service,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, str | None],
    error: str,
) -> None:
    answer = said(where(service.send(marie, **changes)))
    assert f"a téléservice is told no, for 198.51.100.7: {error}" in caplog.text
    assert (answer["error"], answer["state"], answer["iss"]) == (error, "etat", service.issuer)
    assert codes(database) == 0


def test_a_scope_that_the_academie_did_not_open_is_refused_whole(portal: Flask, register: Register) -> None:
    narrow = register(data=frozenset({Shared.NAMES}))
    answer = said(where(narrow.send(logged_in(portal, "m.payet"), scope="openid profile enfants")))
    assert answer["error"] == "invalid_scope"


@pytest.mark.parametrize("name", ["redirect_uri", "state", "nonce", "code_challenge", "max_age", "prompt"])
def test_a_field_that_is_there_twice_gets_no_code(
    marie: Browser, service: Service, database: Database, name: str
) -> None:
    twice = urlencode([*service.question(max_age="10", prompt="consent").items(), (name, "1")])
    answer = marie.get(f"/openid/autorisation?{twice}")
    assert answer.status_code == 400 or said(where(answer))["error"] == "invalid_request"
    assert codes(database) == 0


@pytest.mark.parametrize("sent", ["%00%ff%fe", "a=" + "b" * 3000, "&".join(["a=b"] * 300), "=" * 40, "%", ""])
def test_whatever_else_is_sent_is_a_sentence(marie: Browser, service: Service, sent: str) -> None:
    assert marie.get(f"/openid/autorisation?{sent}").status_code == 400


def test_a_code_is_good_once_and_the_second_time_kills_what_it_gave(marie: Browser, service: Service) -> None:
    code = service.code(marie)
    token = service.exchange(code).json["access_token"]
    assert service.person(token).status_code == 200
    assert service.exchange(code).json["error"] == "invalid_grant"
    assert service.person(token).status_code == 401


def test_another_client_neither_uses_a_code_nor_spoils_it(marie: Browser, service: Service, register: Register) -> None:
    other, code = register(MANDATORY), service.code(marie)
    assert other.exchange(code).json["error"] == "invalid_grant"
    assert service.exchange(code).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "x" * 64}, "invalid_grant"),
        ({"code_verifier": "court"}, "invalid_request"),
        ({"redirect_uri": f"{BACK}/plus"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
    ],
)
def test_a_code_with_something_wrong_beside_it_is_used(
    marie: Browser, service: Service, changes: dict[str, str | None], error: str
) -> None:
    code = service.code(marie)
    assert service.exchange(code, **changes).json["error"] == error
    assert service.exchange(code).json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_secret": "faux"}, "invalid_client"),
        ({"client_secret": None}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"client_id": "inconnu"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"code": "x" * 300}, "invalid_grant"),
        ({"code": "é"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
    ],
)
def test_a_token_request_that_is_wrong_says_so_and_leaves_the_code(
    marie: Browser, service: Service, caplog: pytest.LogCaptureFixture, changes: dict[str, str | None], error: str
) -> None:
    code = service.code(marie)
    with caplog.at_level(logging.WARNING):
        refused = service.exchange(code, **changes)
    assert refused.status_code in {400, 401}
    assert refused.json["error"] == error
    assert f"no token for 127.0.0.1: {error}" in caplog.text
    assert code not in caplog.text
    assert service.secret not in caplog.text
    assert service.exchange(code).status_code == 200


def test_a_field_of_a_token_request_that_is_there_twice_is_refused(marie: Browser, service: Service) -> None:
    code = service.code(marie)
    fields = {"grant_type": "authorization_code", "code": [code, code], "redirect_uri": BACK, "code_verifier": VERIFIER}
    proof = {"client_id": service.client_id, "client_secret": service.secret}
    assert service.portal.test_client().post("/openid/jeton", data=fields | proof).json["error"] == "invalid_request"


@pytest.mark.parametrize("header", ["Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(), "Basic", "Basic !", "a b"])
def test_a_header_that_is_no_text_is_refused(marie: Browser, service: Service, header: str) -> None:
    fields = {"grant_type": "authorization_code", "code": service.code(marie), "redirect_uri": BACK}
    client = service.portal.test_client()
    refused = client.post("/openid/jeton", data=fields, headers={"Authorization": header})
    assert refused.json["error"] == "invalid_client"


def test_secrets_are_not_read_in_an_address(marie: Browser, service: Service) -> None:
    code = service.code(marie)
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        "client_id": service.client_id,
        "client_secret": service.secret,
    }
    refused = service.portal.test_client().post(f"/openid/jeton?{urlencode(fields)}")
    assert refused.status_code in {400, 401}
    assert service.exchange(code).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "é", "\u2028"])
def test_a_token_that_is_none_opens_nothing(service: Service, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}".encode().decode("latin-1")}
    refused = service.portal.test_client().get("/openid/personne", headers=headers)
    assert refused.status_code == 401
    assert "invalid_token" in refused.headers["WWW-Authenticate"]


# What closes the door: before a code, between the code and the token, and once there is a token.


def close_in_every_school(service: Service, database: Database) -> None:
    with database.writing() as session:
        number = session.get_one(OpenidClient, service.number).teleservice_id
        for school in session.scalars(select(Establishment.id)).all():
            set_open(at_desk(session, school, clock.now()), number, is_open=False)


def shut(service: Service, database: Database) -> None:
    with database.writing() as session:
        client = session.get_one(OpenidClient, service.number)
        CLIENTS.turn(Act(session, SYSTEM, clock.now()), client, client.version, opens=False)


def retire(service: Service, database: Database) -> None:
    with database.writing() as session:
        number = session.get_one(OpenidClient, service.number).teleservice_id
        session.get_one(Teleservice, number).retired_at = clock.now()


def disable(_service: Service, database: Database) -> None:
    with database.writing() as session:
        account = session.scalars(select(Account).where(Account.identifier == "m.payet")).one()
        account.state, account.disabled_from = AccountState.DISABLED, AccountState.ACTIVE


def must_change(_service: Service, database: Database) -> None:
    with database.writing() as session:
        account = session.scalars(select(Account).where(Account.identifier == "m.payet")).one()
        account.must_change_password = True


def refuse_ties(_service: Service, database: Database) -> None:
    with database.writing() as session:
        for tie in session.scalars(select(AccountTie)):
            tie.state, tie.confirmed_by, tie.settled_at = TieState.REFUSED, None, clock.now()


def merge(_service: Service, database: Database) -> None:
    with database.writing() as session:
        school = make_establishment(session, "9740003C", "Autre")
        kept = make_account(session, "x.autre", make_student(session, school, make_division(session, school, "6Z")))
        account = session.scalars(select(Account).where(Account.identifier == "m.payet")).one()
        account.state, account.merged_into_id = AccountState.MERGED, kept.id


CLOSING = [close_in_every_school, shut, retire, disable, merge, must_change, refuse_ties]


@pytest.mark.parametrize("close", CLOSING)
def test_a_door_that_closes_gives_no_code_no_token_and_nothing_for_one(
    marie: Browser, service: Service, database: Database, close: Callable[[Service, Database], None]
) -> None:
    token = service.tokens(marie)["access_token"]
    code = service.code(marie)
    before = codes(database)
    close(service, database)
    assert "code=" not in where(service.send(marie))
    assert codes(database) == before
    assert service.exchange(code).json["error"] in {"invalid_grant", "invalid_client"}
    assert service.person(token).status_code == 401


def test_a_family_none_of_whose_schools_opens_it_reads_why(
    marie: Browser, service: Service, database: Database
) -> None:
    close_in_every_school(service, database)
    refused = service.send(marie)
    assert refused.status_code == 403
    assert "n'est ouvert dans aucun établissement" in words(refused)
    assert "error=access_denied" in refused.text
    silent = said(where(service.send(marie, prompt="none")))
    assert silent["error"] == "access_denied"


def test_a_school_that_closes_it_is_told_of_no_more(
    marie: Browser, service: Service, database: Database, schools: tuple[int, int]
) -> None:
    token = service.tokens(marie)["access_token"]
    with database.writing() as session:
        number = session.get_one(OpenidClient, service.number).teleservice_id
        set_open(at_desk(session, schools[0], clock.now()), number, is_open=False)
    assert [child["prenom"] for child in service.person(token).json["enfants"]] == ["Tom"]


def test_a_teleservice_for_other_classes_hears_of_no_child(
    marie: Browser, service: Service, database: Database, schools: tuple[int, int]
) -> None:
    token = service.tokens(marie)["access_token"]
    with database.writing() as session:
        number = session.get_one(OpenidClient, service.number).teleservice_id
        session.get_one(Teleservice, number).levels = ["2de"]
    assert [child["prenom"] for child in service.person(token).json["enfants"]] == ["Tom"]
    with database.writing() as session:
        session.get_one(Teleservice, number).levels = ["5e"]
    refused = service.send(marie)
    assert refused.status_code == 403
    assert "ou il n'est pas pour cette classe" in words(refused)


def test_a_client_of_another_school_hears_of_its_own_children_only(portal: Flask, register: Register) -> None:
    service = register(OPTIONAL, uais=("9740002B",))
    browser = logged_in(portal, "m.payet")
    assert "Léa" not in words(service.send(browser))
    person = service.person(service.tokens(browser)["access_token"]).json
    assert [child["prenom"] for child in person["enfants"]] == ["Tom"]


def test_a_tie_that_waits_for_the_family_gives_nothing(
    marie: Browser, service: Service, database: Database, schools: tuple[int, int]
) -> None:
    with database.writing() as session:
        tie = session.scalars(select(AccountTie).where(AccountTie.establishment_id == schools[1])).one()
        tie.state, tie.confirmed_by, tie.settled_at = TieState.PROPOSED, None, None
    person = service.person(service.tokens(marie)["access_token"]).json
    assert [child["prenom"] for child in person["enfants"]] == ["Léa"]


def test_who_must_do_something_first_does_it_first(portal: Flask, service: Service, directory: Directory) -> None:
    directory.change("m.payet", must_change_password=True)
    browser = Browser(portal)
    service.send(browser)
    assert browser.log_in("m.payet", PASSWORD).headers["Location"] == "/compte/mot-de-passe"
    assert service.send(browser).headers["Location"] == "/compte/mot-de-passe"
    assert browser.get("/openid/suite").headers["Location"] == "/compte/mot-de-passe"
    assert said(where(service.send(browser, prompt="none")))["error"] == "login_required"


def test_a_form_that_nobody_was_shown_agrees_to_nothing(marie: Browser, service: Service, database: Database) -> None:
    shown = service.send(marie)
    bare = marie.client.post("/openid/accord", data={"sent": "x", "answer": "yes"})
    assert bare.status_code == 400
    assert codes(database) == 0
    assert said(where(agree(marie, shown)))["code"]


def test_what_may_be_given_shrinks_with_the_registration(marie: Browser, service: Service, database: Database) -> None:
    token = service.tokens(marie)["access_token"]
    with database.writing() as session:
        session.get_one(OpenidClient, service.number).data = ["names"]
    assert set(service.person(token).json) == {"sub", "name", "given_name", "family_name"}
