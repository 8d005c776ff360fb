"""The portal ends a session: the ENTs entered from it are asked to end theirs (SAML 2.0 single logout, begun by us).

By the browser, one ENT after the other: only there does an ENT find its own session by its cookie.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element, SubElement

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import SealBroken
from shared.models.access.ents import EntEntry, EntService
from shared.models.accounts import Account
from shared.proofs.secrets import drawn, hashed
from shared.provider.ent.ending import MOST_INDEXES, SUCCESS
from shared.provider.ent.keys import private_key
from shared.provider.ent.messages import not_understood, read_message
from shared.provider.ent.names import format_of, name_of
from shared.provider.refusals import Refusal, Refused
from shared.provider.rotation import NoKey
from shared.provider.speaking import At
from shared.sign_on.saml.party import ASSERTION, PROTOCOL, instant, signed_address

BY_ITS_HOLDER = "urn:oasis:names:tc:SAML:2.0:logout:user"
GOOD_FOR = timedelta(minutes=5)


@dataclass(frozen=True)
class Asked:
    """Which ENT was asked to end its session, and the name of the request, which its answer must bear."""

    service_id: int
    name: str


def entered_from(session: Session, account: Account, token: str, *, but: int | None = None) -> list[int]:
    """The last entry in each ENT that can be asked, from the browser that holds `token`; `but` is an ENT that knows."""
    last = (
        select(func.max(EntEntry.id))
        .join(EntService, EntService.id == EntEntry.ent_service_id)
        .where(
            EntEntry.account_id == account.id,
            EntEntry.session_hash == hashed(token),
            EntService.is_open,
            EntService.ending_address.is_not(None),
        )
        .group_by(EntService.id)
        .order_by(EntService.id)
    )
    return list(session.scalars(last if but is None else last.where(EntService.id != but)))


def ask_to_end(at: At, entry: EntEntry, entity_id: str) -> tuple[str, Asked]:
    """Where a browser brings the signed request of the portal, called `entity_id`, to the ENT of an entry.

    Raises:
        Refused: it can no longer be asked, or there is no key to sign with.
    """
    service = at.session.get_one(EntService, entry.ent_service_id)
    place = service.ending_address
    if place is None or not service.is_open:
        raise Refused(Refusal.ENT_CLOSED, f"ent {service.id}: it is asked for no logout")
    try:
        key = private_key(at.session, at.sealer, at.now)
        request = _request(at, service, entry, place, entity_id)
    except (NoKey, SealBroken):
        raise Refused(Refusal.ENT_UNAVAILABLE, f"ent {service.id}: no key") from None
    return signed_address(place, "SAMLRequest", request, "", key), Asked(service.id, request.get("ID", ""))


def require_ended(session: Session, sent: str, place: str, asked: Asked, now: datetime) -> None:
    """The answer, in the query `sent`, of the ENT that was asked: that its session ended.

    Raises:
        Refused: it did not, or this is no answer of that ENT to that request.
    """
    message = read_message(session, sent, "LogoutResponse", place, now)
    if message.service.id != asked.service_id or message.root.get("InResponseTo") != asked.name:
        raise not_understood(f"ent {message.service.id}: an answer to another request")
    code = message.root.find(f"{{{PROTOCOL}}}Status/{{{PROTOCOL}}}StatusCode")
    if code is None or code.get("Value") != SUCCESS:
        raise not_understood(f"ent {message.service.id}: it did not end its session")


def _request(at: At, service: EntService, entry: EntEntry, place: str, entity_id: str) -> Element:
    said = {
        "ID": f"_{drawn()}",
        "Version": "2.0",
        "IssueInstant": instant(at.now),
        "NotOnOrAfter": instant(at.now + GOOD_FOR),
        "Destination": place,
        "Reason": BY_ITS_HOLDER,
    }
    request = Element(f"{{{PROTOCOL}}}LogoutRequest", said)
    SubElement(request, f"{{{ASSERTION}}}Issuer").text = entity_id
    known_by = {
        "Format": format_of(is_transient=entry.is_transient),
        "NameQualifier": entity_id,
        "SPNameQualifier": service.entity_id,
    }
    name = SubElement(request, f"{{{ASSERTION}}}NameID", known_by)
    name.text = name_of(at.sealer, service, entry.account_id, entry.session_index, is_transient=entry.is_transient)
    for index in _indexes(at.session, entry):
        SubElement(request, f"{{{PROTOCOL}}}SessionIndex").text = index
    return request


def _indexes(session: Session, entry: EntEntry) -> Sequence[str]:
    """What the ENT calls the sessions that it has of this browser: the last one first, which some read alone."""
    same = select(EntEntry.session_index).where(
        EntEntry.account_id == entry.account_id,
        EntEntry.ent_service_id == entry.ent_service_id,
        EntEntry.session_hash == entry.session_hash,
    )
    return session.scalars(same.order_by(EntEntry.id.desc()).limit(MOST_INDEXES)).all()
