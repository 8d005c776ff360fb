"""An ENT ends the session of the portal as well: that of the browser it speaks of, and no other (R35)."""

import base64
import zlib
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, fromstring

import pytest
from flask import Flask
from saml2.sigver import RSACrypto, verify_redirect_signature

from tests.portal.browser import Browser, words
from tests.portal.conftest import logged_in
from tests.provider.ents.ent import GOODBYE, STATE, Ent, agree, fields_of, response_in
from tests.sign_on.saml_provider import key_of

STATEMENT = "{urn:oasis:names:tc:SAML:2.0:assertion}AuthnStatement"


def entered(portal: Flask, ent: Ent) -> tuple[Browser, str]:
    """A browser that entered the ENT, and what the ENT calls its session."""
    browser = logged_in(portal, "m.payet")
    page = browser.get(ent.address())
    page = page if "SAMLResponse" in page.text else agree(browser, page)
    statement = next(response_in(page).iter(STATEMENT))
    return browser, statement.get("SessionIndex", "")


def is_in(browser: Browser) -> bool:
    return browser.get("/").status_code == 200


def response_of(address: str) -> Element:
    return fromstring(zlib.decompress(base64.b64decode(fields_of(address)["SAMLResponse"]), -zlib.MAX_WBITS))


def test_an_ent_that_names_the_session_of_this_browser_ends_it_and_hears_so(portal: Flask, ent: Ent) -> None:
    browser, index = entered(portal, ent)
    answer = browser.get(ent.goodbye(index))
    back = answer.headers["Location"]
    assert back.startswith(f"{GOODBYE}?")
    assert fields_of(back)["RelayState"] == STATE
    assert "Clear-Site-Data" in answer.headers
    assert not is_in(browser)
    client = ent.client()
    certificate = client.metadata.certs("http://localhost:5002/ent/metadonnees", "any", "signing")[0][1]
    assert verify_redirect_signature(dict(fields_of(back)), RSACrypto(None), certificate)
    assert urlsplit(back).hostname == "metice.example.org"
    said = response_of(back)
    assert said.tag.endswith("LogoutResponse")
    assert said.get("InResponseTo") == "_fin1"


def test_the_session_of_another_browser_is_not_ended_by_it(portal: Flask, ent: Ent) -> None:
    _one, index = entered(portal, ent)
    other = logged_in(portal, "m.payet")
    asked = other.get(ent.goodbye(index))
    assert "Voulez-vous aussi vous déconnecter du portail" in words(asked)
    assert is_in(other)
    sent = ent.goodbye(index).partition("?")[2]
    assert "metice.example.org" in other.post("/ent/fin", sent=sent).text
    assert not is_in(other)


@pytest.mark.parametrize(
    "changes", [{"IssueInstant": "2020-01-01T00:00:00Z"}, {"Destination": "http://localhost:5002/x"}, {"ID": "é"}]
)
def test_a_goodbye_that_is_not_what_it_must_be_ends_nothing(portal: Flask, ent: Ent, changes: dict[str, str]) -> None:
    browser, index = entered(portal, ent)
    assert browser.get(ent.goodbye(index, **changes)).status_code == 400
    assert browser.get(ent.goodbye(index, key_of("somebody else"))).status_code == 400
    unsigned = ent.goodbye(index).partition("&SigAlg")[0]
    assert browser.get(unsigned).status_code == 400
    assert browser.post("/ent/fin", sent=unsigned.partition("?")[2]).status_code == 400
    assert is_in(browser)


def test_who_is_not_logged_in_goes_back_at_once(portal: Flask, ent: Ent) -> None:
    assert Browser(portal).get(ent.goodbye("x")).headers["Location"].startswith(GOODBYE)
