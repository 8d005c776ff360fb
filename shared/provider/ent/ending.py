"""An ENT asks to end the session of the portal (SAML 2.0 single logout, begun by the ENT)."""

from datetime import datetime
from xml.etree.ElementTree import Element, SubElement

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from shared.models.access.ents import EntEntry
from shared.proofs.secrets import drawn, hashed
from shared.provider.ent.questions import Goodbye
from shared.sign_on.saml.party import ASSERTION, PROTOCOL, signed_address

SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"


def is_of_browser(session: Session, goodbye: Goodbye, token: str) -> bool:
    """Whether the ENT speaks of the browser that holds `token`: it names a session that it was told of there."""
    known = exists().where(
        EntEntry.ent_service_id == goodbye.service.id,
        EntEntry.session_index.in_(goodbye.session_indexes[:20]),
        EntEntry.session_hash == hashed(token),
    )
    return bool(session.scalar(select(known)))


def way_back(goodbye: Goodbye, entity_id: str, key: str, now: datetime) -> str | None:
    """Where the browser goes once the session is over, with our signed word that it is; none where it goes nowhere."""
    place = goodbye.service.logout_address
    if place is None:
        return None
    said = {
        "ID": f"_{drawn()}",
        "Version": "2.0",
        "IssueInstant": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Destination": place,
        "InResponseTo": goodbye.request_id,
    }
    response = Element(f"{{{PROTOCOL}}}LogoutResponse", said)
    SubElement(response, f"{{{ASSERTION}}}Issuer").text = entity_id
    SubElement(SubElement(response, f"{{{PROTOCOL}}}Status"), f"{{{PROTOCOL}}}StatusCode", Value=SUCCESS)
    return signed_address(place, "SAMLResponse", response, goodbye.relay_state, key)
