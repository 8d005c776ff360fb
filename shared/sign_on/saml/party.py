"""What we are for a SAML identity provider: a name, an address where its answers come, a key to sign our questions."""

import base64
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from shared.sign_on.attempts import Question

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
BY_RSA = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
KEY_LASTS = timedelta(days=3650)
"""Nobody looks at the end of such a certificate; a new provider has a new key."""


@dataclass(frozen=True)
class Party:
    """What we are for one provider: of another one we are somebody else, so that no answer is taken for another's."""

    entity_id: str
    """Also the address of our metadata."""
    consumer: str
    """Where a browser brings the answer (assertion consumer service)."""
    key: str
    """PEM: our private key, then its certificate."""


def new_key(now: datetime) -> str:
    """A key and its certificate, which nobody signed but itself: the provider takes it from our metadata."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "teleservices")])
    made = x509.CertificateBuilder().subject_name(own).issuer_name(own).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    certificate = made.not_valid_after(now + KEY_LASTS).sign(key, hashes.SHA256())
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return (key.private_bytes(*plain) + certificate.public_bytes(serialization.Encoding.PEM)).decode()


def certificate_of(pem: str) -> str:
    """The certificate of a key, in base64, as metadata have it."""
    der = x509.load_pem_x509_certificate(pem.encode()).public_bytes(serialization.Encoding.DER)
    return base64.b64encode(der).decode()


def metadata_of(party: Party, ending: tuple[str, str] | None = None) -> bytes:
    """What the provider must know of us; `ending`: where it asks us to end a session, and answers when we had asked."""
    root = Element(f"{{{METADATA}}}EntityDescriptor", entityID=party.entity_id)
    wants = {"AuthnRequestsSigned": "true", "WantAssertionsSigned": "true", "protocolSupportEnumeration": PROTOCOL}
    descriptor = SubElement(root, f"{{{METADATA}}}SPSSODescriptor", wants)
    key = SubElement(descriptor, f"{{{METADATA}}}KeyDescriptor", use="signing")
    data = SubElement(SubElement(key, f"{{{SIGNATURE}}}KeyInfo"), f"{{{SIGNATURE}}}X509Data")
    SubElement(data, f"{{{SIGNATURE}}}X509Certificate").text = certificate_of(party.key)
    if ending is not None:
        there = {"Binding": REDIRECT, "Location": ending[0], "ResponseLocation": ending[1]}
        SubElement(descriptor, f"{{{METADATA}}}SingleLogoutService", there)
    place = {"Binding": POST, "Location": party.consumer, "index": "0", "isDefault": "true"}
    SubElement(descriptor, f"{{{METADATA}}}AssertionConsumerService", place)
    whole: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return whole


def request_id(nonce: str) -> str:
    """What our question is called, and the answer must name; a name in XML begins with no digit."""
    return f"_{nonce}"


def asked(party: Party, sign_on: str, question: Question, now: datetime, *, again: bool = False) -> str:
    """Where to send a browser to, at the address `sign_on` of a provider, with a question that we signed."""
    request = Element(
        f"{{{PROTOCOL}}}AuthnRequest",
        {
            "ID": request_id(question.nonce),
            "Version": "2.0",
            "IssueInstant": instant(now),
            "Destination": sign_on,
            "AssertionConsumerServiceURL": party.consumer,
            "ProtocolBinding": POST,
            **({"ForceAuthn": "true"} if again else {}),
        },
    )
    SubElement(request, f"{{{ASSERTION}}}Issuer").text = party.entity_id
    return signed_address(sign_on, "SAMLRequest", request, question.state, party.key)


def instant(at: datetime) -> str:
    """As SAML writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def signed_address(place: str, field: str, message: Element, relay_state: str, key: str) -> str:
    """Where a browser goes to bring a message to `place` in the address (HTTP-Redirect), signed with `key`."""
    # Deflated without a header (SAML bindings, 3.4.4.1).
    packed = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = packed.compress(tostring(message)) + packed.flush()
    fields = {field: base64.b64encode(deflated).decode()}
    fields |= ({"RelayState": relay_state} if relay_state else {}) | {"SigAlg": BY_RSA}
    signed = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    mark = quote(base64.b64encode(_signature(key, signed.encode())).decode(), safe="")
    return f"{place}{'&' if '?' in place else '?'}{signed}&Signature={mark}"


def _signature(pem: str, signed: bytes) -> bytes:
    key = serialization.load_pem_private_key(pem.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("not the kind of key that was made for a provider")
    return key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
