"""What an ENT says by a browser, in the address: read, bounded, and checked to be its own and of now (R35).

By HTTP-Redirect alone: the signature is over the address, so that no XML has to be trusted before it is verified.
"""

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote_plus
from xml.etree.ElementTree import Element, ParseError, fromstring

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models.access.ents import ENTITY_LENGTH, REQUEST_LENGTH, EntService
from shared.provider.refusals import Refusal, Refused
from shared.sign_on.saml.party import ASSERTION, PROTOCOL
from shared.sign_on.saml.plain import text_of

QUESTION, ANSWER = "SAMLRequest", "SAMLResponse"
"""The field of the address that holds it."""
LONGEST = 16_000
"""Characters of the address; a signed question has two thousand."""
LARGEST = 50_000
"""Bytes of a message once it is inflated."""
LONGEST_STATE = 512
"""Characters; SAML says 80, and some send an address."""
GOOD_FOR = timedelta(minutes=10)
"""From when it was said until it comes; who logs in meanwhile has longer."""
SKEW = timedelta(minutes=2)
_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256(),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": hashes.SHA384(),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": hashes.SHA512(),
}


@dataclass(frozen=True)
class Message:
    """What an ENT that is connected and open said: signed by it, where its metadata have a key."""

    service: EntService
    root: Element
    relay_state: str

    @property
    def name(self) -> str:
        """Its `ID`, which the answer must name."""
        return self.root.get("ID", "")


def read_message(session: Session, sent: str, kind: str, place: str, now: datetime) -> Message:
    """The message of the query `sent`, at the address `place`; `kind` is the element that it must be.

    Raises:
        Refused: it is another one, or none of an ENT that is open, or not of now.
    """
    fields = _fields(sent)
    root = _root(fields.get(ANSWER if kind.endswith("Response") else QUESTION, ""), kind)
    service = _said_by(session, root)
    if service.certificates:
        _require_signature(service, fields, sent)
    destination = root.get("Destination")
    if destination is not None and destination != place:
        raise not_understood(f"ent {service.id}: destination")
    _require_now(root, service, now)
    return Message(service, root, fields.get("RelayState", ""))


def find_service(session: Session, entity_id: str) -> EntService | None:
    """The ENT of this name, if it is open."""
    known = select(EntService).where(EntService.entity_id == entity_id, EntService.is_open)
    return session.scalars(known).one_or_none()


def not_understood(detail: str) -> Refused:
    """A refusal of what an ENT said; `detail` is for the log."""
    return Refused(Refusal.ENT_NOT_UNDERSTOOD, detail)


def _fields(sent: str) -> dict[str, str]:
    """The fields of the address, each there once."""
    if len(sent) > LONGEST:
        raise not_understood("too long")
    pairs = [one.partition("=") for one in sent.split("&") if one]
    fields = {name: unquote_plus(value) for name, _, value in pairs}
    if len(fields) != len(pairs):
        raise not_understood("a field is there twice")
    state = fields.get("RelayState", "")
    if len(state) > LONGEST_STATE or not (state.isprintable() or not state):
        raise not_understood("RelayState")
    return fields


def _root(text: str, name: str) -> Element:
    try:
        packed = base64.b64decode("".join(text.split()), validate=True)
        inflating = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
        document = inflating.decompress(packed, LARGEST)
        if inflating.unconsumed_tail or not inflating.eof:
            raise not_understood("too large, or cut")
        # It declares nothing: there are no entities to expand.
        root = fromstring(text_of(document))  # noqa: S314 - `text_of` refused DTDs and entities
    except (binascii.Error, zlib.error, ParseError, ValueError) as error:
        raise not_understood(f"message: {type(error).__name__}") from None
    if root.tag != f"{{{PROTOCOL}}}{name}" or root.get("Version") != "2.0":
        raise not_understood(f"no {name}")
    request_id = root.get("ID", "")
    if not 0 < len(request_id) <= REQUEST_LENGTH or not _is_name(request_id):
        raise not_understood("ID")
    return root


def _is_name(text: str) -> bool:
    """Whether XML takes it for the name of an element; of ASCII alone, as all are that ENTs make."""
    return text.isascii() and text.replace(".", "_").replace("-", "_").isidentifier()


def _said_by(session: Session, root: Element) -> EntService:
    issuer = (root.findtext(f"{{{ASSERTION}}}Issuer") or "").strip()
    service = find_service(session, issuer) if 0 < len(issuer) <= ENTITY_LENGTH else None
    if service is None:
        raise not_understood("no such ENT, or shut")
    return service


def _require_now(root: Element, service: EntService, now: datetime) -> None:
    try:
        read = datetime.fromisoformat(root.get("IssueInstant", ""))
        asked_at = read if read.tzinfo else read.replace(tzinfo=UTC)
        is_late, is_early = asked_at + GOOD_FOR + SKEW < now, asked_at - SKEW > now
    except (ValueError, OverflowError):
        raise not_understood(f"ent {service.id}: IssueInstant") from None
    if is_late or is_early:
        raise Refused(Refusal.ENT_LATE, f"ent {service.id}: {'expired' if is_late else 'from the future'}")


def _require_signature(service: EntService, fields: Mapping[str, str], sent: str) -> None:
    """Over the fields as they were written, whatever else stands in the address (SAML bindings, 3.4.4.1)."""
    written = dict(one.partition("=")[::2] for one in sent.split("&") if one)
    names = [name for name in (QUESTION, ANSWER, "RelayState", "SigAlg") if name in written]
    signed = "&".join(f"{name}={written[name]}" for name in names).encode()
    algorithm = _HASHES.get(fields.get("SigAlg", ""))
    try:
        mark = base64.b64decode("".join(fields.get("Signature", "").split()), validate=True)
    except (binascii.Error, ValueError):
        mark = b""
    if algorithm is None or not mark:
        raise not_understood(f"ent {service.id}: not signed, or by means that are not accepted")
    if not any(_is_signed(certificate, mark, signed, algorithm) for certificate in service.certificates):
        raise not_understood(f"ent {service.id}: signature")


def _is_signed(certificate: str, mark: bytes, signed: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    key = x509.load_der_x509_certificate(base64.b64decode(certificate)).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        key.verify(mark, signed, padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True
