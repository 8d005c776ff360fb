"""What an ENT asks by a browser: who a family is, or to end a session; read, bounded, and checked to be its own (R35).

By HTTP-Redirect alone: the signature is over the address, so that no XML has to be trusted before it is verified.
"""

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
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
from shared.sign_on.saml.party import ASSERTION, POST, PROTOCOL
from shared.sign_on.saml.plain import text_of

LONGEST = 16_000
"""Characters of the address; a signed question has two thousand."""
LARGEST = 50_000
"""Bytes of a question once it is inflated."""
LONGEST_STATE = 512
"""Characters; SAML says 80, and some send an address."""
GOOD_FOR = timedelta(minutes=10)
"""From when it was asked until it comes; who logs in meanwhile has longer."""
SKEW = timedelta(minutes=2)
FORMATS = {
    "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
}
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256(),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": hashes.SHA384(),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": hashes.SHA512(),
}
_TRUE = {"true", "1"}


@dataclass(frozen=True)
class Question:
    """Who a family is, asked by an ENT that is connected, for one of its own addresses."""

    service: EntService
    request_id: str
    consumer: str
    relay_state: str
    is_forced: bool
    """The holder must prove again who they are."""
    is_silent: bool
    """Nothing may be shown."""
    is_transient: bool
    """It wants a name that is another one each time."""


@dataclass(frozen=True)
class Goodbye:
    """The end of a session of the portal, asked by an ENT in a message that it signed."""

    service: EntService
    request_id: str
    session_indexes: Sequence[str]
    relay_state: str


def find_service(session: Session, entity_id: str) -> EntService | None:
    """The ENT of this name, if it is open."""
    known = select(EntService).where(EntService.entity_id == entity_id, EntService.is_open)
    return session.scalars(known).one_or_none()


def read_question(session: Session, sent: str, place: str, now: datetime) -> Question:
    """What is asked in the query `sent`, at the address `place`.

    Raises:
        Refused: it is no question of an ENT that is open, or not of now.
    """
    fields = _fields(sent)
    root = _root(fields, "AuthnRequest")
    service = _asked_by(session, root, fields, sent, place, now)
    if root.get("ProtocolBinding", POST) != POST:
        raise _refused("another binding")
    policy = root.find(f"{{{PROTOCOL}}}NameIDPolicy")
    wanted = "" if policy is None else policy.get("Format", "")
    if wanted and wanted not in FORMATS:
        raise _refused("a format of name")
    return Question(
        service=service,
        request_id=root.get("ID", ""),
        consumer=_consumer(service, root),
        relay_state=fields.get("RelayState", ""),
        is_forced=root.get("ForceAuthn") in _TRUE,
        is_silent=root.get("IsPassive") in _TRUE,
        is_transient=wanted == TRANSIENT,
    )


def read_goodbye(session: Session, sent: str, place: str, now: datetime) -> Goodbye:
    """The same of a LogoutRequest, which must be signed.

    Raises:
        Refused: it is none of an ENT that is open, is not signed, or not of now.
    """
    fields = _fields(sent)
    root = _root(fields, "LogoutRequest")
    service = _asked_by(session, root, fields, sent, place, now)
    if not service.certificates:
        raise _refused("a logout that nobody signed")
    indexes = [(one.text or "").strip() for one in root.findall(f"{{{PROTOCOL}}}SessionIndex")]
    return Goodbye(service, root.get("ID", ""), indexes, fields.get("RelayState", ""))


def _fields(sent: str) -> dict[str, str]:
    """The fields of the address, each there once."""
    if len(sent) > LONGEST:
        raise _refused("too long")
    pairs = [one.partition("=") for one in sent.split("&") if one]
    fields = {name: unquote_plus(value) for name, _, value in pairs}
    if len(fields) != len(pairs):
        raise _refused("a field is there twice")
    state = fields.get("RelayState", "")
    if len(state) > LONGEST_STATE or not (state.isprintable() or not state):
        raise _refused("RelayState")
    return fields


def _root(fields: Mapping[str, str], name: str) -> Element:
    try:
        packed = base64.b64decode("".join(fields.get("SAMLRequest", "").split()), validate=True)
        inflating = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
        document = inflating.decompress(packed, LARGEST)
        if inflating.unconsumed_tail or not inflating.eof:
            raise _refused("too large, or cut")
        # It declares nothing: there are no entities to expand.
        root = fromstring(text_of(document))  # noqa: S314
    except (binascii.Error, zlib.error, ParseError, ValueError) as error:
        raise _refused(f"question: {type(error).__name__}") from None
    if root.tag != f"{{{PROTOCOL}}}{name}" or root.get("Version") != "2.0":
        raise _refused(f"no {name}")
    request_id = root.get("ID", "")
    if not 0 < len(request_id) <= REQUEST_LENGTH or not _is_name(request_id):
        raise _refused("ID")
    return root


def _is_name(text: str) -> bool:
    """Whether XML takes it for the name of an element; of ASCII alone, as all are that ENTs make."""
    return text.isascii() and text.replace(".", "_").replace("-", "_").isidentifier()


def _asked_by(
    session: Session, root: Element, fields: Mapping[str, str], sent: str, place: str, now: datetime
) -> EntService:
    """Whose question it is, once its signature, its addressee and its time are what they must be."""
    issuer = (root.findtext(f"{{{ASSERTION}}}Issuer") or "").strip()
    service = find_service(session, issuer) if 0 < len(issuer) <= ENTITY_LENGTH else None
    if service is None:
        raise _refused("no such ENT, or shut")
    if service.certificates:
        _require_signature(service, fields, sent)
    destination = root.get("Destination")
    if destination is not None and destination != place:
        raise _refused(f"ent {service.id}: destination")
    _require_now(root, service, now)
    return service


def _require_now(root: Element, service: EntService, now: datetime) -> None:
    try:
        read = datetime.fromisoformat(root.get("IssueInstant", ""))
        asked_at = read if read.tzinfo else read.replace(tzinfo=UTC)
        is_late, is_early = asked_at + GOOD_FOR + SKEW < now, asked_at - SKEW > now
    except (ValueError, OverflowError):
        raise _refused(f"ent {service.id}: IssueInstant") from None
    if is_late or is_early:
        raise Refused(Refusal.ENT_LATE, f"ent {service.id}: {'expired' if is_late else 'from the future'}")


def _require_signature(service: EntService, fields: Mapping[str, str], sent: str) -> None:
    """Over the fields as they were written, whatever else stands in the address (SAML bindings, 3.4.4.1)."""
    written = dict(one.partition("=")[::2] for one in sent.split("&") if one)
    names = [name for name in ("SAMLRequest", "RelayState", "SigAlg") if name in written]
    signed = "&".join(f"{name}={written[name]}" for name in names).encode()
    algorithm = _HASHES.get(fields.get("SigAlg", ""))
    try:
        mark = base64.b64decode("".join(fields.get("Signature", "").split()), validate=True)
    except (binascii.Error, ValueError):
        mark = b""
    if algorithm is None or not mark:
        raise _refused(f"ent {service.id}: not signed, or by means that are not accepted")
    if not any(_is_signed(certificate, mark, signed, algorithm) for certificate in service.certificates):
        raise _refused(f"ent {service.id}: signature")


def _is_signed(certificate: str, mark: bytes, signed: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    key = x509.load_der_x509_certificate(base64.b64decode(certificate)).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        key.verify(mark, signed, padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True


def _consumer(service: EntService, root: Element) -> str:
    """Where the answer goes: an address of its metadata, sign by sign, or the one of that number, or the first."""
    place, index = root.get("AssertionConsumerServiceURL"), root.get("AssertionConsumerServiceIndex")
    by_index = dict(zip(map(str, service.consumer_indexes), service.consumers, strict=True))
    if place is None and index is None:
        return service.consumers[0]
    found = place if place in service.consumers else by_index.get(index or "") if place is None else None
    if found is None:
        raise _refused(f"ent {service.id}: an address that is none of its own")
    return found


def _refused(detail: str) -> Refused:
    return Refused(Refusal.ENT_NOT_UNDERSTOOD, detail)
