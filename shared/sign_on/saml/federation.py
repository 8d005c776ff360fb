"""What SAML identity providers say of themselves: read once in a while, not at each login."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lxml import etree

from shared.clock import now
from shared.sign_on.asking.addresses import is_safe
from shared.sign_on.asking.web import read_bytes
from shared.sign_on.cache import SECONDS_BETWEEN_READINGS, Kept
from shared.sign_on.refusals import Refusal, SignOnRefused
from shared.sign_on.saml.documents import tree_of
from shared.sign_on.saml.party import METADATA, REDIRECT, SIGNATURE
from shared.sign_on.saml.plain import without_comments


@dataclass(frozen=True)
class Entity:
    """A provider, as its metadata say."""

    entity_id: str
    sign_on: str
    """Where a browser is sent with a question in the address (HTTP-Redirect)."""
    certificates: tuple[str, ...]
    """Of the keys that it signs with."""
    metadata: str


@dataclass
class Federation:
    """The providers of one process."""

    _known: Kept[tuple[str, str], Entity] = field(default_factory=Kept)

    def entity(self, address: str, entity_id: str) -> Entity:
        """The provider `entity_id`, whose metadata are at `address`.

        Raises:
            SignOnRefused: they cannot be read, or are those of somebody else.
        """
        return self._known.get((address, entity_id), lambda: _entity(read_bytes(address), address, entity_id))

    def may_have_changed(self, address: str, entity_id: str) -> bool:
        """Whether to read anew where a signature is by no key that is known: not by whoever sends many of them."""
        if not self._known.is_older_than((address, entity_id), SECONDS_BETWEEN_READINGS):
            return False
        self.forget(address)
        return True

    def forget(self, address: str) -> None:
        """Read it anew the next time."""
        self._known.forget(lambda known: known[0] == address)


FEDERATION = Federation()
"""Of this process."""


def _entity(document: bytes, address: str, entity_id: str) -> Entity:
    root = tree_of(without_comments(document), "metadata", Refusal.UNAVAILABLE)
    if root.tag != f"{{{METADATA}}}EntityDescriptor" or root.get("entityID") != entity_id:
        raise SignOnRefused(Refusal.UNAVAILABLE, "its metadata name another entity")
    _require_in_force(root)
    descriptor = root.find(f"{{{METADATA}}}IDPSSODescriptor")
    if descriptor is None:
        raise SignOnRefused(Refusal.UNAVAILABLE, "its metadata are of no identity provider")
    places = [
        one.get("Location", "")
        for one in descriptor.iter(f"{{{METADATA}}}SingleSignOnService")
        if one.get("Binding") == REDIRECT
    ]
    safe = [place for place in places if is_safe(place) and (place.startswith("https:") or address.startswith("http:"))]
    certificates = tuple(_certificates(descriptor))
    if not safe or not certificates:
        raise SignOnRefused(Refusal.UNAVAILABLE, "its metadata have no safe address or no key")
    return Entity(entity_id, safe[0], certificates, etree.tostring(root, encoding="unicode"))


def _certificates(descriptor: etree._Element) -> Iterator[str]:
    for key in descriptor.iter(f"{{{METADATA}}}KeyDescriptor"):
        if key.get("use", "signing") == "signing":
            for certificate in key.iter(f"{{{SIGNATURE}}}X509Certificate"):
                if certificate.text and certificate.text.strip():
                    yield "".join(certificate.text.split())


def _require_in_force(root: etree._Element) -> None:
    until = root.get("validUntil")
    try:
        ended = until is not None and _instant(until) <= now()
    except ValueError:
        ended = True
    if ended:
        raise SignOnRefused(Refusal.UNAVAILABLE, "its metadata are over")


def _instant(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)
