"""Whatever is asked of the portal in the name of an ENT: a sentence, a reason in the log, and nothing told (R35)."""

import base64
import re
import tempfile
import zlib
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode
from xml.etree.ElementTree import SubElement, tostring

import pytest
import time_machine
from flask import Flask

from shared import clock
from shared.acting.desk import Act
from shared.database import Database
from shared.journal import SYSTEM
from shared.models.access.ents import EntService
from shared.provider.ent.registering import ENTS, change_ent
from shared.sign_on.saml import plain
from tests.portal.browser import Browser, words
from tests.portal.conftest import logged_in
from tests.provider.ents.conftest import Connect
from tests.provider.ents.ent import CONSUMER, ENTITY, STATE, Ent, agree, form_of, is_told
from tests.sign_on.saml_provider import key_of

REFUSED = "L'ENT a envoyé une demande que le portail refuse"
LATE = "a déjà servi, ou elle est trop ancienne"
SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.fixture
def marie(portal: Flask, ent: Ent) -> Browser:
    """Logged in, and agreed already: nothing but the question stands between the ENT and an answer."""
    browser = logged_in(portal, "m.payet")
    ent.enter(browser)
    return browser


def deflated(document: str) -> str:
    packed = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return base64.b64encode(packed.compress(document.encode()) + packed.flush()).decode()


def with_fields(address: str, **changes: str) -> str:
    """The address with other fields; what was signed no longer is."""
    path, _, query = address.partition("?")
    return f"{path}?{urlencode(dict(parse_qsl(query)) | changes)}"


def refused(answer: object, caplog: pytest.LogCaptureFixture, sentence: str, reason: str) -> None:
    assert answer.status_code == 400, answer.text  # type: ignore[attr-defined]
    assert sentence in words(answer)  # type: ignore[arg-type]
    assert "SAMLResponse" not in answer.text  # type: ignore[attr-defined]
    assert reason in caplog.text
    assert STATE not in caplog.text


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"AssertionConsumerServiceURL": f"{CONSUMER}/"}, "none of its own"),
        ({"AssertionConsumerServiceURL": f"{CONSUMER}#x"}, "none of its own"),
        ({"AssertionConsumerServiceURL": f"{CONSUMER}?x=1"}, "none of its own"),
        ({"AssertionConsumerServiceURL": "https://metice.example.org.ailleurs.example/"}, "none of its own"),
        ({"AssertionConsumerServiceURL": ""}, "none of its own"),
        ({"AssertionConsumerServiceURL": None, "AssertionConsumerServiceIndex": "7"}, "none of its own"),
        ({"AssertionConsumerServiceURL": None, "AssertionConsumerServiceIndex": "x" * 100_000}, "too large|too long"),
        ({"ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"}, "another binding"),
        ({"Version": "1.1"}, "no AuthnRequest"),
        ({"ID": ""}, ": ID"),
        ({"ID": "1 2"}, ": ID"),
        ({"ID": "_" + "x" * 256}, ": ID"),
        ({"Destination": "http://localhost:5002/ailleurs"}, "destination"),
        ({"Destination": ""}, "destination"),
        ({"IssueInstant": "hier"}, "IssueInstant"),
        ({"IssueInstant": "0001-01-01T00:00:00Z"}, "IssueInstant"),
        ({"IssueInstant": None}, "IssueInstant"),
        ({"issuer": "https://inconnu.example.org"}, "no such ENT"),
        ({"issuer": f"{ENTITY}/"}, "no such ENT"),
        ({"issuer": "x" * 100_000}, "too large|too long"),
    ],
)
def test_a_question_that_is_not_what_it_must_be(
    marie: Browser, ent: Ent, caplog: pytest.LogCaptureFixture, changes: dict[str, str | None], reason: str
) -> None:
    answer = marie.get(ent.address(ent.question(**changes)))  # type: ignore[arg-type]
    assert answer.status_code == 400
    assert REFUSED in words(answer)
    assert "SAMLResponse" not in answer.text
    assert any(one in caplog.text for one in reason.split("|")), caplog.text


@pytest.mark.parametrize(("late", "reason"), [(-13, "expired"), (3, "from the future")])
def test_a_question_that_is_not_of_now(
    marie: Browser, ent: Ent, caplog: pytest.LogCaptureFixture, late: int, reason: str
) -> None:
    refused(marie.get(ent.address(ent.question(at=timedelta(minutes=late)))), caplog, LATE, reason)


def test_a_question_is_answered_once(marie: Browser, portal: Flask, ent: Ent, caplog: pytest.LogCaptureFixture) -> None:
    address = ent.address()
    assert is_told(marie.get(address))
    refused(marie.get(address), caplog, LATE, "answered already")
    other = logged_in(portal, "m.payet")
    assert other.get(address).status_code == 400


def test_a_question_that_waits_twice_is_answered_once(portal: Flask, ent: Ent) -> None:
    address, one, other = ent.address(), logged_in(portal, "m.payet"), logged_in(portal, "m.payet")
    pages = [browser.get(address) for browser in (one, other)]
    assert is_told(agree(one, pages[0]))
    assert agree(other, pages[1]).status_code == 400


def test_an_address_by_its_number_or_by_default(marie: Browser, ent: Ent) -> None:
    for changes in ({"AssertionConsumerServiceIndex": "0"}, {}):
        asked = ent.question(AssertionConsumerServiceURL=None, **changes)
        assert is_told(marie.get(ent.address(asked)))


def test_a_question_that_is_not_signed_or_by_somebody_else(
    marie: Browser, ent: Ent, caplog: pytest.LogCaptureFixture
) -> None:
    unsigned = urlencode({"SAMLRequest": deflated(tostring(ent.question()).decode()), "RelayState": STATE})
    refused(marie.get(f"/ent/connexion?{unsigned}"), caplog, REFUSED, "not signed")
    refused(marie.get(ent.address(key=key_of("somebody else"))), caplog, REFUSED, "signature")
    weak = with_fields(ent.address(), SigAlg=SHA1)
    refused(marie.get(weak), caplog, REFUSED, "not signed, or by means that are not accepted")
    for changes in ({"Signature": ""}, {"Signature": "AAAA"}, {"Signature": "é"}, {"RelayState": "autre"}):
        assert marie.get(with_fields(ent.address(), **changes)).status_code == 400
    other = with_fields(ent.address(), SAMLRequest=deflated(tostring(ent.question()).decode()))
    assert marie.get(other).status_code == 400


def test_an_ent_without_a_key_asks_unsigned_and_is_told(
    marie: Browser, ent: Ent, database: Database, service_row: Callable[[Ent], EntService]
) -> None:
    bare = re.sub(r"<ns0:KeyDescriptor.*?</ns0:KeyDescriptor>", "", ent.metadata())
    with database.writing() as session:
        service = session.get_one(EntService, ent.number)
        change_ent(Act(session, SYSTEM, clock.now()), service, bare.encode(), service.version)
    assert service_row(ent).certificates == []
    unsigned = urlencode({"SAMLRequest": deflated(tostring(ent.question()).decode())})
    assert is_told(marie.get(f"/ent/connexion?{unsigned}"))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (BOMB + "<x>&b;</x>", "ValueError"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "ValueError"),
        ("<?x y?><x/>", "ValueError"),
        ("<x><!-- --></x>", "ValueError"),
        ("rien", "ParseError"),
        ("<x/>", "no AuthnRequest"),
        ("<x>" * 10_000, "ParseError"),
        ("x" * 60_000, "too large"),
        ("x" * 10_000_000, "too large"),
    ],
)
def test_a_document_is_refused_for_what_it_is(
    marie: Browser, caplog: pytest.LogCaptureFixture, document: str, reason: str
) -> None:
    sent = urlencode({"SAMLRequest": deflated(document), "RelayState": STATE})
    refused(marie.get(f"/ent/connexion?{sent}"), caplog, REFUSED, reason)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "ent_not_understood"),
        ("SAMLRequest=", "ent_not_understood"),
        ("SAMLRequest=AAAA", "ent_not_understood"),
        ("SAMLRequest=%FF%FE", "ent_not_understood"),
        ("SAMLRequest=a&SAMLRequest=b", "twice"),
        (f"SAMLRequest=a&RelayState={'x' * 513}", "RelayState"),
        ("SAMLRequest=a&RelayState=%0D%0ASet-Cookie", "RelayState"),
        (f"SAMLRequest={'a' * 100_000}", "too long"),
        (f"SAMLRequest=a&RelayState={'x' * 100_000}", "too long"),
        ("&".join(f"a{n}=1" for n in range(5000)), "too long"),
    ],
)
def test_an_address_that_is_none(marie: Browser, caplog: pytest.LogCaptureFixture, query: str, reason: str) -> None:
    refused(marie.get(f"/ent/connexion?{query}"), caplog, REFUSED, reason)


def test_a_relay_state_goes_back_as_it_came(marie: Browser, ent: Ent) -> None:
    state = "<\"'&>é=+%20" * 40
    assert form_of(marie.get(ent.address(state=state)))[1]["RelayState"] == state


def test_a_relay_state_that_is_too_long_is_refused_even_signed(
    marie: Browser, ent: Ent, caplog: pytest.LogCaptureFixture
) -> None:
    refused(marie.get(ent.address(state="x" * 513)), caplog, REFUSED, "RelayState")


def test_a_name_of_a_kind_that_the_portal_does_not_give(
    marie: Browser, ent: Ent, caplog: pytest.LogCaptureFixture
) -> None:
    request = ent.question()
    policy = "{urn:oasis:names:tc:SAML:2.0:protocol}NameIDPolicy"
    SubElement(request, policy, Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress")
    refused(marie.get(ent.address(request)), caplog, REFUSED, "a format of name")


def test_an_ent_that_is_shut_is_told_nothing_even_while_somebody_reads(
    portal: Flask, ent: Ent, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    browser = logged_in(portal, "m.payet")
    page = browser.get(ent.address())
    with database.writing() as session:
        service = session.get_one(EntService, ent.number)
        ENTS.turn(Act(session, SYSTEM, clock.now()), service, service.version, opens=False)
    assert "SAMLResponse" not in browser.follow(agree(browser, page)).text
    refused(browser.get(ent.address()), caplog, REFUSED, "no such ENT, or shut")


def test_an_ent_that_no_school_of_the_family_chose_is_told_nothing(
    portal: Flask, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    ours = connect()
    other = connect(
        "Ailleurs", chosen=False, entity_id="https://autre.example.org", consumer="https://autre.example.org/"
    )
    browser = logged_in(portal, "m.payet")
    assert len(ours.enter(browser)) == 2
    answer = browser.get(other.address())
    assert answer.status_code == 403
    assert "SAMLResponse" not in answer.text
    assert f"ent_closed: ent {other.number}" in caplog.text


def test_an_ent_may_not_ask_in_the_name_of_another(portal: Flask, connect: Connect) -> None:
    ours = connect()
    connect(
        "Ailleurs", entity_id="https://autre.example.org", consumer="https://autre.example.org/", key=key_of("other")
    )
    browser = logged_in(portal, "m.payet")
    assert browser.get(ours.address(key=key_of("other"))).status_code == 400


def test_a_question_in_the_cookie_of_long_ago_is_asked_no_more(portal: Flask, ent: Ent) -> None:
    browser = logged_in(portal, "m.payet")
    page = browser.get(ent.address())
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=True):
        assert "SAMLResponse" not in browser.follow(agree(browser, page)).text


def test_without_xmlsec1_nothing_is_told_and_the_person_reads_why(
    marie: Browser, ent: Ent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(plain.shutil, "which", lambda name: None)
    answer = marie.get(ent.address())
    assert answer.status_code == 503
    assert "Recommencez plus tard" in words(answer)
    assert "xmlsec1 is not installed" in caplog.text


def test_no_key_is_left_behind(marie: Browser, ent: Ent, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert is_told(marie.get(ent.address()))
    assert list(tmp_path.iterdir()) == []  # type: ignore[attr-defined]
