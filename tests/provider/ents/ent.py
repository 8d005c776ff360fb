"""An ENT of the tests: it asks as one does, by pysaml2 or sign by sign, and reads answers by pysaml2 and xmlsec1."""

import base64
import html
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import Element, SubElement, fromstring

from flask import Flask
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.config import SPConfig
from werkzeug.test import TestResponse

from shared.sign_on.saml.party import ASSERTION, PROTOCOL, Party, metadata_of, signed_address
from shared.sign_on.saml.plain import xmlsec
from tests.portal.browser import Browser
from tests.sign_on.saml_provider import key_of

ENTITY = "https://metice.example.org/auth/saml/metadata"
CONSUMER = "https://metice.example.org/auth/saml/acs"
GOODBYE = "https://metice.example.org/auth/saml/slo"
PORTAL = "http://localhost:5002/ent"
ASK, END = f"{PORTAL}/connexion", f"{PORTAL}/fin"
STATE = "etat-de-l-ent"
_FIELD = re.compile(r'name="(SAMLResponse|RelayState)" value="([^"]*)"')
_ACTION = re.compile(r'action="([^"]+)" id="entering"')
_ASKED = re.compile(r'name="asked" value="([^"]*)"')
_SLO = (
    '<ns0:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{0}"/>'
    "<ns0:AssertionConsumerService"
)


def said_at(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Ent:
    """One that is connected, or not yet."""

    portal: Flask
    entity_id: str = ENTITY
    consumer: str = CONSUMER
    key: str = field(default_factory=lambda: key_of("an ENT"))
    number: int = 0
    asked: int = 0

    def metadata(self, logout: str = GOODBYE) -> str:
        """What its operator hands over."""
        own = metadata_of(Party(self.entity_id, self.consumer, self.key)).decode()
        return own.replace("<ns0:AssertionConsumerService", _SLO.format(logout))

    def question(self, *, issuer: str | None = None, at: timedelta = timedelta(), **changes: str | None) -> Element:
        """An AuthnRequest; an attribute that is None is left out."""
        self.asked += 1
        own: dict[str, str | None] = {
            "ID": f"_{self.number}q{self.asked}",
            "Version": "2.0",
            "IssueInstant": said_at(datetime.now(UTC) + at),
            "Destination": ASK,
            "AssertionConsumerServiceURL": self.consumer,
            "ProtocolBinding": BINDING_HTTP_POST,
        }
        said = {name: value for name, value in (own | changes).items() if value is not None}
        request = Element(f"{{{PROTOCOL}}}AuthnRequest", said)
        SubElement(request, f"{{{ASSERTION}}}Issuer").text = issuer or self.entity_id
        return request

    def address(self, request: Element | None = None, state: str = STATE, key: str | None = None) -> str:
        """Where it sends a browser: signed, from the root of the portal."""
        asked = self.question() if request is None else request
        return local(signed_address(ASK, "SAMLRequest", asked, state, key or self.key))

    def goodbye(self, session_index: str, key: str | None = None, **changes: str) -> str:
        """Where it sends a browser to end the session that it calls so."""
        said = {
            "ID": "_fin1",
            "Version": "2.0",
            "IssueInstant": said_at(datetime.now(UTC)),
            "Destination": END,
            **changes,
        }
        request = Element(f"{{{PROTOCOL}}}LogoutRequest", said)
        SubElement(request, f"{{{ASSERTION}}}Issuer").text = self.entity_id
        SubElement(request, f"{{{ASSERTION}}}NameID").text = "x"
        SubElement(request, f"{{{PROTOCOL}}}SessionIndex").text = session_index
        return local(signed_address(END, "SAMLRequest", request, STATE, key or self.key))

    def client(self) -> Saml2Client:
        """pysaml2 as a service provider that knows the portal by what it publishes."""
        settings = {
            "entityid": self.entity_id,
            "xmlsec_binary": xmlsec(),
            "service": {
                "sp": {
                    "endpoints": {
                        "assertion_consumer_service": [(self.consumer, BINDING_HTTP_POST)],
                        "single_logout_service": [(GOODBYE, BINDING_HTTP_REDIRECT)],
                    },
                    "allow_unsolicited": False,
                    "want_assertions_signed": True,
                    "want_response_signed": True,
                }
            },
            "metadata": {"inline": [self.portal.test_client().get("/ent/metadonnees").text]},
            "allow_unknown_attributes": True,
            "delete_tmpfiles": True,
        }
        return Saml2Client(SPConfig().load(settings))

    def read(self, page: TestResponse, request_id: str) -> Any:
        """What it is told, once its signatures, its audience and its time hold; pysaml2 raises where they do not."""
        action, fields = form_of(page)
        assert action == self.consumer
        encoded = fields["SAMLResponse"]
        return self.client().parse_authn_request_response(encoded, BINDING_HTTP_POST, {request_id: "/"})

    def enter(self, browser: Browser) -> list[str]:
        """The whole way of a family that agrees; the vectors that it is told."""
        request = self.question()
        page = browser.get(self.address(request))
        if not _ACTION.search(page.text):
            page = agree(browser, page)
        told = self.read(page, request.get("ID", ""))
        return list(told.ava["FrEduVecteur"])


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def agree(browser: Browser, page: TestResponse, answer: str = "yes") -> TestResponse:
    asked = _ASKED.search(page.text)
    assert asked is not None, page.text
    return browser.post("/ent/accord", asked=html.unescape(asked[1]), answer=answer)


def form_of(page: TestResponse) -> tuple[str, dict[str, str]]:
    """Where the browser brings what, by the form of a page."""
    action = _ACTION.search(page.text)
    assert action is not None, page.text
    fields = {name: html.unescape(value) for name, value in _FIELD.findall(page.text)}
    return html.unescape(action[1]), fields


def response_in(page: TestResponse) -> Element:
    """The response of the form, read without any care."""
    return fromstring(base64.b64decode(form_of(page)[1]["SAMLResponse"]))


def is_told(page: TestResponse) -> bool:
    return "SAMLResponse" in page.text and response_in(page).find(f"{{{ASSERTION}}}Assertion") is not None


def fields_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


REDIRECT = BINDING_HTTP_REDIRECT
