"""What an ENT asks by a browser: who a family is (R35)."""

from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element

from sqlalchemy.orm import Session

from shared.models.access.ents import EntService
from shared.provider.ent.messages import not_understood, read_message
from shared.provider.ent.names import PERSISTENT, TRANSIENT
from shared.sign_on.saml.party import POST, PROTOCOL

FORMATS = {PERSISTENT, TRANSIENT, "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"}
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


def read_question(session: Session, sent: str, place: str, now: datetime) -> Question:
    """What is asked in the query `sent`, at the address `place`.

    Raises:
        Refused: it is no question of an ENT that is open, or not of now.
    """
    message = read_message(session, sent, "AuthnRequest", place, now)
    root = message.root
    if root.get("ProtocolBinding", POST) != POST:
        raise not_understood("another binding")
    policy = root.find(f"{{{PROTOCOL}}}NameIDPolicy")
    wanted = "" if policy is None else policy.get("Format", "")
    if wanted and wanted not in FORMATS:
        raise not_understood("a format of name")
    return Question(
        service=message.service,
        request_id=message.name,
        consumer=_consumer(message.service, root),
        relay_state=message.relay_state,
        is_forced=root.get("ForceAuthn") in _TRUE,
        is_silent=root.get("IsPassive") in _TRUE,
        is_transient=wanted == TRANSIENT,
    )


def _consumer(service: EntService, root: Element) -> str:
    """Where the answer goes: an address of its metadata, sign by sign, or the one of that number, or the first."""
    place, index = root.get("AssertionConsumerServiceURL"), root.get("AssertionConsumerServiceIndex")
    by_index = dict(zip(map(str, service.consumer_indexes), service.consumers, strict=True))
    if place is None and index is None:
        return service.consumers[0]
    found = place if place in service.consumers else by_index.get(index or "") if place is None else None
    if found is None:
        raise not_understood(f"ent {service.id}: an address that is none of its own")
    return found
