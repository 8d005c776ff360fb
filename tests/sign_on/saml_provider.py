"""A SAML identity provider that says whatever a test has it say, and signs it with xmlsec1; its metadata over HTTP."""

import base64
import subprocess
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from shared.sign_on.saml.party import new_key

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SIGNATURE = """<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>
<ds:CanonicalizationMethod Algorithm="{exclusive}"/><ds:SignatureMethod Algorithm="{method}"/>
<ds:Reference URI="#{name}"><ds:Transforms>
<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
<ds:Transform Algorithm="{exclusive}"/></ds:Transforms>
<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>
<ds:SignatureValue/></ds:Signature>"""
ASSERTION = """<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{name}" Version="2.0" \
IssueInstant="{now}"><saml:Issuer>{issuer}</saml:Issuer>{signature}<saml:Subject><saml:NameID Format="{format}">\
{subject}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">\
<saml:SubjectConfirmationData NotOnOrAfter="{until}" Recipient="{recipient}" InResponseTo="{question}"/>\
</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{since}" NotOnOrAfter="{until}">\
<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
<saml:AuthnStatement AuthnInstant="{now}" SessionIndex="s-1"><saml:AuthnContext><saml:AuthnContextClassRef>{context}\
</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>{attributes}\
</saml:AttributeStatement></saml:Assertion>"""
RESPONSE = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r1" Version="2.0" \
IssueInstant="{now}" Destination="{destination}" InResponseTo="{question}">\
<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{issuer}</saml:Issuer><samlp:Status>\
<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{status}"/></samlp:Status>{assertion}</samlp:Response>"""
METADATA = """<!-- kept by hand --><EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}">\
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">\
<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{certificate}</X509Certificate>\
</X509Data></KeyInfo></KeyDescriptor><SingleSignOnService \
Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sign_on}"/></IDPSSODescriptor>\
</EntityDescriptor>"""


@cache
def key_of(_name: str) -> str:
    """One for each name, drawn once: it takes long."""
    return new_key(datetime.now(UTC))


@dataclass
class Words:
    """What an answer says; a test changes any of it."""

    issuer: str
    question: str = ""
    """The name of the request that it answers."""
    recipient: str = ""
    audience: str = ""
    destination: str = ""
    name: str = "_a1"
    subject: str = "p-1"
    format: str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    context: str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
    status: str = "Success"
    attributes: dict[str, str] = field(default_factory=dict)
    since: timedelta = timedelta(minutes=-1)
    until: timedelta = timedelta(minutes=5)
    method: str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    digest: str = "http://www.w3.org/2001/04/xmlenc#sha256"
    signs_with: str = "own"
    is_signed: bool = True

    def assertion(self) -> str:
        """Its one assertion, not signed yet."""
        now = datetime.now(UTC)
        signature = SIGNATURE.format(exclusive=EXCLUSIVE, name=self.name, method=self.method, digest=self.digest)
        said = "".join(
            f'<saml:Attribute Name="{name}"><saml:AttributeValue>{escape(value)}</saml:AttributeValue></saml:Attribute>'
            for name, value in self.attributes.items()
        )
        names = ("issuer", "question", "recipient", "audience", "name", "subject", "format", "context")
        return ASSERTION.format(
            now=_written(now),
            since=_written(now + self.since),
            until=_written(now + self.until),
            signature=signature if self.is_signed else "",
            attributes=said,
            **{name: getattr(self, name) for name in names},
        )

    def response(self, assertion: str) -> str:
        """Around it."""
        values = {name: getattr(self, name) for name in ("destination", "question", "issuer", "status")}
        return RESPONSE.format(now=_written(datetime.now(UTC)), assertion=assertion, **values)


def _written(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class SamlProvider:
    """One that listens on this machine."""

    address: str
    folder: Path
    certificate_of: str = "own"
    """Whose certificate its metadata show."""
    words: dict[str, object] = field(default_factory=dict)
    forges: Callable[[str], str] | None = None
    """Changes the whole document once it is signed."""
    metadata: str = METADATA

    @property
    def entity_id(self) -> str:
        return f"{self.address}/entity"

    def says(self) -> str:
        """Its metadata."""
        certificate = "".join(key_of(self.certificate_of).split("CERTIFICATE-----")[1].split("-----")[0].split())
        return self.metadata.format(entity=self.entity_id, certificate=certificate, sign_on=f"{self.address}/sso")

    def asked(self, address: str) -> dict[str, str]:
        """The question with which a browser was sent to `address`."""
        came = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        request = ElementTree.fromstring(zlib.decompress(base64.b64decode(came["SAMLRequest"]), -zlib.MAX_WBITS))
        issuer = request.findtext("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer") or ""
        return {**request.attrib, "issuer": issuer, "RelayState": came["RelayState"]}

    def answer(self, address: str, **changes: object) -> dict[str, str]:
        """A person logs in there: the fields of the form that brings the browser back."""
        asked = self.asked(address)
        consumer = asked["AssertionConsumerServiceURL"]
        right = Words(self.entity_id, asked["ID"], consumer, asked["issuer"], consumer)
        words = replace(right, **{**self.words, **changes})  # type: ignore[arg-type]
        document = words.response(words.assertion())
        if words.is_signed:
            document = self.signed(document, words.signs_with)
        if self.forges is not None:
            document = self.forges(document)
        return {"SAMLResponse": base64.b64encode(document.encode()).decode(), "RelayState": asked["RelayState"]}

    def signed(self, document: str, key: str = "own") -> str:
        """The same, with what its signature stands for."""
        (self.folder / "key.pem").write_text(key_of(key).partition("-----BEGIN CERTIFICATE-----")[0])
        (self.folder / "answer.xml").write_text(document)
        named = ["--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion"]
        command = ["xmlsec1", "--sign", "--privkey-pem", str(self.folder / "key.pem"), *named]
        done = subprocess.run([*command, str(self.folder / "answer.xml")], capture_output=True, text=True, check=True)
        return done.stdout.partition("?>")[2].strip()


@contextmanager
def answering(folder: Path) -> Iterator[SamlProvider]:
    """One that listens on this machine, with its files in `folder`."""

    class Handler(BaseHTTPRequestHandler):
        provider: SamlProvider

        def log_message(self, *_: object) -> None:
            """Tests read no log of it."""

        def do_GET(self) -> None:
            body = self.provider.says().encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.provider = SamlProvider(f"http://127.0.0.1:{server.server_port}", folder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Handler.provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
