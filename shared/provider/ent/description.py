"""What an ENT must know of the portal: its metadata, with the certificate that signs and the next one (R35)."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from shared.provider.ent.names import PERSISTENT, TRANSIENT
from shared.sign_on.saml.party import METADATA, PROTOCOL, REDIRECT, SIGNATURE


@dataclass(frozen=True)
class Places:
    """Our name, which is where our metadata are; where a browser is sent with a question, and to end a session."""

    entity_id: str
    sign_on: str
    logout: str


def own_metadata(places: Places, certificates: Sequence[str]) -> bytes:
    """As ENTs read it."""
    root = Element(f"{{{METADATA}}}EntityDescriptor", entityID=places.entity_id)
    says = {"WantAuthnRequestsSigned": "true", "protocolSupportEnumeration": PROTOCOL}
    descriptor = SubElement(root, f"{{{METADATA}}}IDPSSODescriptor", says)
    for certificate in certificates:
        key = SubElement(descriptor, f"{{{METADATA}}}KeyDescriptor", use="signing")
        data = SubElement(SubElement(key, f"{{{SIGNATURE}}}KeyInfo"), f"{{{SIGNATURE}}}X509Data")
        SubElement(data, f"{{{SIGNATURE}}}X509Certificate").text = certificate
    SubElement(descriptor, f"{{{METADATA}}}SingleLogoutService", Binding=REDIRECT, Location=places.logout)
    for name in (PERSISTENT, TRANSIENT):
        SubElement(descriptor, f"{{{METADATA}}}NameIDFormat").text = name
    SubElement(descriptor, f"{{{METADATA}}}SingleSignOnService", Binding=REDIRECT, Location=places.sign_on)
    whole: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return whole
