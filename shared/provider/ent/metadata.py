"""What the metadata of an ENT say of it, read once by whoever connects it; refused in words for staff."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, ParseError, fromstring

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from shared.models.access.ents import ENTITY_LENGTH
from shared.models.teleservices import ADDRESS_LENGTH
from shared.sign_on.asking.addresses import is_safe
from shared.sign_on.saml.party import METADATA, POST, REDIRECT, SIGNATURE
from shared.sign_on.saml.plain import text_of, without_comments

LARGEST = 200_000
"""Bytes; those of an ENT have two to ten thousand."""
MOST = 20
"""Addresses, and certificates."""
SMALLEST_KEY = 2048
"""Bits."""
LARGEST_INDEX = 65535


class MetadataRefused(Exception):
    """These are no metadata of an ENT; the message says why, in French."""


@dataclass(frozen=True)
class EntMetadata:
    """An ENT as a service provider of SAML."""

    entity_id: str
    consumers: tuple[str, ...]
    consumer_indexes: tuple[int, ...]
    certificates: tuple[str, ...]
    logout_address: str | None
    ending_address: str | None


def read_metadata(document: bytes, now: datetime) -> EntMetadata:
    """What `document` says.

    Raises:
        MetadataRefused: too long, no XML or XML with declarations, no service provider, no safe address, a weak key.
    """
    root = _root(document)
    entity_id = root.get("entityID", "").strip()
    if not 0 < len(entity_id) <= ENTITY_LENGTH or not entity_id.isprintable():
        raise MetadataRefused(f"L'identifiant d'entité (entityID) manque, ou dépasse {ENTITY_LENGTH} caractères.")
    _require_in_force(root, now)
    descriptor = root.find(f"{{{METADATA}}}SPSSODescriptor")
    if descriptor is None:
        raise MetadataRefused(
            "Ces métadonnées ne sont pas d'un fournisseur de service (SPSSODescriptor) : demandez à l'opérateur de "
            "l'ENT celles de son côté « service », pas celles d'un fournisseur d'identité."
        )
    consumers = sorted(_consumers(descriptor))
    if not consumers:
        raise MetadataRefused(
            "Aucune adresse de retour (AssertionConsumerService) par HTTP-POST : l'opérateur de l'ENT doit en ajouter "
            "une."
        )
    certificates = tuple(dict.fromkeys(_certificates(descriptor)))
    if max(len(consumers), len(certificates)) > MOST:
        raise MetadataRefused(f"Trop d'adresses ou de certificats : {MOST} au plus.")
    ending = _ending_places(descriptor)
    return EntMetadata(
        entity_id=entity_id,
        consumers=tuple(place for _first, _index, place in consumers),
        consumer_indexes=tuple(index for _first, index, _place in consumers),
        certificates=certificates,
        logout_address=ending[1],
        ending_address=ending[0],
    )


def _root(document: bytes) -> Element:
    if not document.strip():
        raise MetadataRefused("Collez les métadonnées de l'ENT, ou choisissez leur fichier.")
    if len(document) > LARGEST:
        raise MetadataRefused(
            f"Ces métadonnées sont trop longues : {LARGEST // 1000} Ko au plus. Donnez celles de l'ENT seul, pas "
            "celles d'une fédération."
        )
    try:
        text = text_of(without_comments(document))
        # It declares nothing: there are no entities to expand.
        root = fromstring(text)  # noqa: S314 - `text_of` refused DTDs and entities
    except (ValueError, ParseError):
        raise MetadataRefused(
            "Ce n'est pas du XML qui se lit ici : en UTF-8, sans DOCTYPE, ni entités, ni instructions."
        ) from None
    if root.tag != f"{{{METADATA}}}EntityDescriptor":
        raise MetadataRefused(
            "Ce ne sont pas les métadonnées d'un ENT : elles commencent par EntityDescriptor, dans l'espace de noms de "
            "SAML 2.0."
        )
    return root


def _require_in_force(root: Element, now: datetime) -> None:
    until = root.get("validUntil")
    if until is None:
        return
    try:
        read = datetime.fromisoformat(until)
    except ValueError:
        raise MetadataRefused("La date de fin de validité (validUntil) ne se lit pas.") from None
    if (read if read.tzinfo else read.replace(tzinfo=UTC)) <= now:
        raise MetadataRefused("Ces métadonnées ne sont plus valables (validUntil) : demandez les nouvelles.")


def _consumers(descriptor: Element) -> Iterator[tuple[bool, int, str]]:
    """Those by HTTP-POST: the default one sorts first, then by number."""
    for number, one in enumerate(descriptor.iter(f"{{{METADATA}}}AssertionConsumerService")):
        if one.get("Binding") != POST:
            continue
        place, index = _safe(one.get("Location", "")), one.get("index", str(number))
        if not (index.isascii() and index.isdigit() and int(index[:9]) <= LARGEST_INDEX):
            raise MetadataRefused("Une adresse de retour a un numéro (index) qui n'en est pas un.")
        yield one.get("isDefault") not in {"true", "1"}, int(index), place


def _ending_places(descriptor: Element) -> tuple[str, str] | tuple[None, None]:
    """Where a browser brings our requests to end a session, and our answers to its own."""
    for one in descriptor.iter(f"{{{METADATA}}}SingleLogoutService"):
        if one.get("Binding") == REDIRECT:
            place = _safe(one.get("Location", ""))
            return place, _safe(one.get("ResponseLocation") or place)
    return None, None


def _safe(place: str) -> str:
    if len(place) > ADDRESS_LENGTH or not is_safe(place) or "*" in place:
        raise MetadataRefused(
            f"« {place[:80]} » ne convient pas : chaque adresse doit être complète et commencer par https://, sans mot "
            "de passe, « # » ni « * »."
        )
    return place


def _certificates(descriptor: Element) -> Iterator[str]:
    for key in descriptor.iter(f"{{{METADATA}}}KeyDescriptor"):
        if key.get("use", "signing") != "signing":
            continue
        for one in key.iter(f"{{{SIGNATURE}}}X509Certificate"):
            yield _checked("".join((one.text or "").split()))


def _checked(certificate: str) -> str:
    try:
        key = x509.load_der_x509_certificate(base64.b64decode(certificate, validate=True)).public_key()
    except (binascii.Error, ValueError):
        raise MetadataRefused("Un certificat de ces métadonnées ne se lit pas.") from None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < SMALLEST_KEY:
        raise MetadataRefused(f"Une clé de signature doit être RSA, de {SMALLEST_KEY} bits au moins.")
    return certificate
