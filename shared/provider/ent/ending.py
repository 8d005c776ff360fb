"""An ENT asks to end the session of the portal (SAML 2.0 single logout, begun by the ENT)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from shared.models.access.ents import EntEntry, EntService
from shared.proofs.secrets import drawn, hashed
from shared.provider.ent.messages import not_understood, read_message
from shared.sign_on.saml.party import ASSERTION, PROTOCOL, instant, signed_address

STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
SUCCESS, PARTIAL = f"{STATUS}Success", f"{STATUS}PartialLogout"
MOST_INDEXES = 20


@dataclass(frozen=True)
class Goodbye:
    """The end of a session of the portal, asked by an ENT in a message that it signed."""

    service: EntService
    request_id: str
    session_indexes: Sequence[str]
    relay_state: str


def read_goodbye(session: Session, sent: str, place: str, now: datetime) -> Goodbye:
    """What is asked in the query `sent`, at the address `place`, in a message that must be signed.

    Raises:
        Refused: it is none of an ENT that is open, is not signed, or not of now.
    """
    message = read_message(session, sent, "LogoutRequest", place, now)
    if not message.service.certificates:
        raise not_understood("a logout that nobody signed")
    indexes = [(one.text or "").strip() for one in message.root.findall(f"{{{PROTOCOL}}}SessionIndex")]
    return Goodbye(message.service, message.name, indexes, message.relay_state)


def is_of_browser(session: Session, goodbye: Goodbye, token: str) -> bool:
    """Whether the ENT speaks of the browser that holds `token`: it names a session that it was told of there."""
    known = exists().where(
        EntEntry.ent_service_id == goodbye.service.id,
        EntEntry.session_index.in_(goodbye.session_indexes[:MOST_INDEXES]),
        EntEntry.session_hash == hashed(token),
    )
    return bool(session.scalar(select(known)))


def way_back(goodbye: Goodbye, entity_id: str, key: str, now: datetime, *, everywhere: bool = True) -> str | None:
    """Where the browser goes once the session is over, with our signed word that it is; none where it goes nowhere.

    `everywhere`: whether each other ENT that the session had entered ended its own as well.
    """
    place = goodbye.service.logout_address
    if place is None:
        return None
    said = {
        "ID": f"_{drawn()}",
        "Version": "2.0",
        "IssueInstant": instant(now),
        "Destination": place,
        "InResponseTo": goodbye.request_id,
    }
    response = Element(f"{{{PROTOCOL}}}LogoutResponse", said)
    SubElement(response, f"{{{ASSERTION}}}Issuer").text = entity_id
    code = SubElement(SubElement(response, f"{{{PROTOCOL}}}Status"), f"{{{PROTOCOL}}}StatusCode", Value=SUCCESS)
    if not everywhere:
        SubElement(code, f"{{{PROTOCOL}}}StatusCode", Value=PARTIAL)
    return signed_address(place, "SAMLResponse", response, goodbye.relay_state, key)
