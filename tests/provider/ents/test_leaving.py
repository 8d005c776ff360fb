"""A logout begun at the portal, or by somebody else, is told to each ENT entered; none holds it up (R35)."""

import base64
import re
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from xml.etree.ElementTree import Element, SubElement, fromstring

import pytest
import time_machine
from flask import Flask
from saml2.sigver import RSACrypto, verify_redirect_signature
from sqlalchemy import select
from werkzeug.test import TestResponse

from shared import clock
from shared.acting.desk import Act
from shared.database import Database
from shared.journal import SYSTEM
from shared.models.access.ents import EntKey, EntService
from shared.models.accounts import AccountSession
from shared.provider.ent.registering import ENTS
from shared.sign_on.saml.party import ASSERTION, PROTOCOL, signed_address
from tests.portal.browser import Browser, words
from tests.portal.conftest import logged_in
from tests.provider.ents.conftest import Connect
from tests.provider.ents.ent import END, REDIRECT, STATE, Ent, agree, fields_of, local, response_in, said_at
from tests.provider.service import AFTER, Service
from tests.sign_on.saml_provider import key_of

STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
OUT = "Vous êtes déconnecté."
UNCONFIRMED = "Déconnexion non confirmée"
_ON = re.compile(r'content="0; url=([^"]*)"')


@pytest.fixture
def two(connect: Connect) -> tuple[Ent, Ent]:
    """Two ENTs, of which the first school chose one and the second the other."""
    autre = "https://autre.example.org"
    first = connect()
    return first, connect("Autre ENT", chosen=False, entity_id=autre, consumer=f"{autre}/acs", key=key_of("other"))


@pytest.fixture
def sessions(database: Database) -> Callable[[], int]:
    def count() -> int:
        with database.reading() as session:
            return len(session.scalars(select(AccountSession)).all())

    return count


def enter(browser: Browser, ent: Ent) -> Element:
    """Enter it; the assertion that it is told."""
    page = browser.get(ent.address())
    page = page if "SAMLResponse" in page.text else agree(browser, page)
    return next(response_in(page).iter(f"{{{ASSERTION}}}Assertion"))


def log_out(browser: Browser) -> TestResponse:
    browser.get("/")
    return browser.post("/deconnexion")


def led_to(page: TestResponse) -> str:
    """Where the browser goes from there: by itself, from a page or at once."""
    if "Location" in page.headers:
        return page.headers["Location"]
    found = _ON.search(page.text)
    assert found is not None, page.text
    return unescape(found[1])


def request_of(address: str) -> Element:
    return fromstring(zlib.decompress(base64.b64decode(fields_of(address)["SAMLRequest"]), -zlib.MAX_WBITS))


def answer(ent: Ent, request: Element, key: str | None = None, status: str = "Success", **changes: str) -> str:
    """Where the ENT sends the browser once it ended its session, or did not."""
    said = {
        "ID": "_r1",
        "Version": "2.0",
        "IssueInstant": said_at(datetime.now(UTC)),
        "Destination": END,
        "InResponseTo": request.get("ID", ""),
        **changes,
    }
    response = Element(f"{{{PROTOCOL}}}LogoutResponse", said)
    SubElement(response, f"{{{ASSERTION}}}Issuer").text = ent.entity_id
    SubElement(SubElement(response, f"{{{PROTOCOL}}}Status"), f"{{{PROTOCOL}}}StatusCode", Value=STATUS + status)
    return local(signed_address(END, "SAMLResponse", response, "", key or ent.key))


def test_the_ent_is_asked_in_a_signed_request_of_who_it_knows(
    portal: Flask, ent: Ent, sessions: Callable[[], int]
) -> None:
    browser = logged_in(portal, "m.payet")
    assertion = enter(browser, ent)
    left = log_out(browser)
    assert sessions() == 0
    assert "Clear-Site-Data" in left.headers
    address = led_to(left)
    assert address.startswith("https://metice.example.org/auth/saml/slo?")
    certificate = ent.client().metadata.certs("http://localhost:5002/ent/metadonnees", "any", "signing")[0][1]
    assert verify_redirect_signature(fields_of(address), RSACrypto(None), certificate)
    request = request_of(address)
    assert request.get("Destination") == "https://metice.example.org/auth/saml/slo"
    named, told = request.find(f"{{{ASSERTION}}}NameID"), assertion.find(f".//{{{ASSERTION}}}NameID")
    assert named is not None
    assert told is not None
    assert (named.text, named.attrib) == (told.text, told.attrib)
    statement = next(assertion.iter(f"{{{ASSERTION}}}AuthnStatement"))
    assert request.findtext(f"{{{PROTOCOL}}}SessionIndex") == statement.get("SessionIndex")
    back = browser.get(answer(ent, request))
    assert led_to(back) == "/connexion"
    shown = words(browser.follow(back))
    assert OUT in shown
    assert UNCONFIRMED not in shown


def test_pysaml2_as_an_ent_reads_the_request(portal: Flask, ent: Ent) -> None:
    browser = logged_in(portal, "m.payet")
    enter(browser, ent)
    fields = fields_of(led_to(log_out(browser)))
    signed = {"sigalg": fields["SigAlg"], "signature": fields["Signature"], "relay_state": None}
    read = ent.client().parse_logout_request(fields["SAMLRequest"], REDIRECT, **signed)
    assert read.message.name_id.text
    assert read.message.session_index[0].text


def test_a_name_of_one_entry_is_the_name_of_its_end(portal: Flask, ent: Ent) -> None:
    browser, asked = logged_in(portal, "m.payet"), ent.question()
    policy = f"{{{PROTOCOL}}}NameIDPolicy"
    SubElement(asked, policy, Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient")
    told = next(response_in(agree(browser, browser.get(ent.address(asked)))).iter(f"{{{ASSERTION}}}NameID"))
    request = request_of(led_to(log_out(browser)))
    named = request.find(f"{{{ASSERTION}}}NameID")
    assert named is not None
    assert (named.text, named.get("Format")) == (told.text, told.get("Format"))
    assert "transient" in str(named.get("Format"))


def test_each_ent_is_asked_in_turn_and_the_last_answer_leads_home(
    portal: Flask, two: tuple[Ent, Ent], choose: Callable[..., None], schools: tuple[int, int]
) -> None:
    browser = logged_in(portal, "m.payet")
    choose(schools[1], "Autre ENT")
    for ent in two:
        enter(browser, ent)
    first = led_to(log_out(browser))
    assert first.startswith("https://metice.example.org/")
    second = led_to(browser.get(answer(two[0], request_of(first))))
    assert request_of(second).get("Destination", "").startswith("https://metice.example.org/auth/saml/slo")
    assert UNCONFIRMED not in words(browser.follow(browser.get(answer(two[1], request_of(second)))))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "Responder"}, "it did not end its session"),
        ({"InResponseTo": "_autre"}, "an answer to another request"),
        ({"key": key_of("somebody else")}, "signature"),
        ({"Destination": "http://localhost:5002/ailleurs"}, "destination"),
        ({"IssueInstant": "2020-01-01T00:00:00Z"}, "expired"),
    ],
)
def test_an_ent_that_does_not_confirm_is_named_and_nothing_is_held_up(
    portal: Flask,
    ent: Ent,
    sessions: Callable[[], int],
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, str],
    reason: str,
) -> None:
    browser = logged_in(portal, "m.payet")
    enter(browser, ent)
    request = request_of(led_to(log_out(browser)))
    back = browser.get(answer(ent, request, **changes))
    assert led_to(back) == "/connexion"
    assert f"{UNCONFIRMED} : METICE." in words(browser.follow(back))
    assert reason in caplog.text
    assert sessions() == 0


def test_an_answer_of_another_ent_confirms_nothing(
    portal: Flask, two: tuple[Ent, Ent], caplog: pytest.LogCaptureFixture
) -> None:
    browser = logged_in(portal, "m.payet")
    enter(browser, two[0])
    request = request_of(led_to(log_out(browser)))
    assert UNCONFIRMED in words(browser.follow(browser.get(answer(two[1], request))))
    assert "an answer to another request" in caplog.text


def test_whoever_comes_back_without_the_ent_is_out_and_reads_that_it_did_not_answer(
    portal: Flask, ent: Ent, sessions: Callable[[], int]
) -> None:
    browser = logged_in(portal, "m.payet")
    enter(browser, ent)
    log_out(browser)
    shown = words(browser.get("/connexion"))
    assert OUT in shown
    assert f"{UNCONFIRMED} : METICE." in shown
    assert UNCONFIRMED not in words(browser.get("/connexion"))
    assert sessions() == 0


def test_an_answer_that_nobody_waits_for_is_refused_in_words(
    portal: Flask, ent: Ent, caplog: pytest.LogCaptureFixture
) -> None:
    browser = logged_in(portal, "m.payet")
    enter(browser, ent)
    request = request_of(led_to(log_out(browser)))
    assert Browser(portal).get(answer(ent, request)).status_code == 400
    browser.get(answer(ent, request))
    again = browser.get(answer(ent, request))
    assert again.status_code == 400
    assert "a déjà servi, ou elle est trop ancienne" in words(again)
    assert "no logout waits for an answer" in caplog.text


def test_a_logout_that_waited_too_long_is_forgotten(portal: Flask, ent: Ent) -> None:
    browser = logged_in(portal, "m.payet")
    enter(browser, ent)
    request = request_of(led_to(log_out(browser)))
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=True):
        assert browser.get(answer(ent, request)).status_code == 400


def test_who_entered_no_ent_goes_to_none(portal: Flask, ent: Ent) -> None:
    entered, browser = logged_in(portal, "m.payet"), logged_in(portal, "m.payet")
    enter(entered, ent)
    assert led_to(log_out(browser)) == "/connexion"


def test_an_ent_that_was_shut_or_cannot_be_asked_is_left_alone(portal: Flask, ent: Ent, database: Database) -> None:
    browser = logged_in(portal, "m.payet")
    enter(browser, ent)
    with database.writing() as session:
        service = session.get_one(EntService, ent.number)
        ENTS.turn(Act(session, SYSTEM, clock.now()), service, service.version, opens=False)
    assert led_to(log_out(browser)) == "/connexion"


def test_without_a_key_the_session_here_ends_and_the_ent_is_named(
    portal: Flask, ent: Ent, database: Database, sessions: Callable[[], int], caplog: pytest.LogCaptureFixture
) -> None:
    browser = logged_in(portal, "m.payet")
    enter(browser, ent)
    with database.writing() as session:
        for key in session.scalars(select(EntKey)):
            session.delete(key)
    left = log_out(browser)
    assert led_to(left) == "/connexion"
    assert f"{UNCONFIRMED} : METICE." in words(browser.follow(left))
    assert "an ENT did not end its session" in caplog.text
    assert sessions() == 0


@pytest.mark.parametrize(("status", "codes"), [("Success", ["Success"]), ("Responder", ["Success", "PartialLogout"])])
def test_a_logout_begun_by_an_ent_is_told_to_the_others_and_then_to_it(
    portal: Flask,
    two: tuple[Ent, Ent],
    choose: Callable[..., None],
    schools: tuple[int, int],
    status: str,
    codes: list[str],
) -> None:
    browser = logged_in(portal, "m.payet")
    choose(schools[1], "Autre ENT")
    index = next(enter(browser, two[0]).iter(f"{{{ASSERTION}}}AuthnStatement")).get("SessionIndex", "")
    enter(browser, two[1])
    asked = request_of(led_to(browser.get(two[0].goodbye(index))))
    back = led_to(browser.get(answer(two[1], asked, status=status)))
    assert fields_of(back)["RelayState"] == STATE
    response = fromstring(zlib.decompress(base64.b64decode(fields_of(back)["SAMLResponse"]), -zlib.MAX_WBITS))
    said = [one.get("Value", "").removeprefix(STATUS) for one in response.iter(f"{{{PROTOCOL}}}StatusCode")]
    assert said == codes
    assert response.get("InResponseTo") == "_fin1"


@pytest.mark.parametrize("status", ["Success", "Responder"])
def test_a_logout_begun_by_a_teleservice_is_told_to_the_ent_and_then_goes_back(
    portal: Flask, ent: Ent, service: Service, status: str
) -> None:
    browser = logged_in(portal, "m.payet")
    enter(browser, ent)
    hint = service.tokens(browser)["id_token"]
    asked = led_to(browser.get(f"/openid/fin?id_token_hint={hint}&post_logout_redirect_uri={AFTER}"))
    back = browser.get(answer(ent, request_of(asked), status=status))
    if status == "Success":
        assert led_to(back) == AFTER
        return
    assert f"{UNCONFIRMED} : METICE." in words(back)
    assert f'href="{AFTER}"' in back.text
    assert _ON.search(back.text) is None


def test_logging_out_everywhere_is_told_to_the_ent_of_this_browser(portal: Flask, ent: Ent) -> None:
    browser = logged_in(portal, "m.payet")
    enter(browser, ent)
    browser.get("/compte")
    asked = led_to(browser.post("/compte/deconnecter-partout"))
    shown = words(browser.follow(browser.get(answer(ent, request_of(asked)))))
    assert "déconnecté de tous vos appareils" in shown
