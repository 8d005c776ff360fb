"""Tries the portal as ENTs know it, and each ENT as its metadata say (R35)."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree.ElementTree import ParseError, fromstring

from cryptography import x509
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import SealBroken, Sealer
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.models.access.ents import EntService
from shared.models.teleservices import EstablishmentSettings
from shared.provider.ent.keys import next_key, private_key
from shared.provider.ent.registering import connected_ents
from shared.provider.rotation import NoKey
from shared.sign_on.asking.web import read_bytes
from shared.sign_on.refusals import SignOnRefused
from shared.sign_on.saml.party import SIGNATURE, certificate_of
from shared.sign_on.saml.plain import text_of, xmlsec
from shared.watching.judgement import Finding, Level

OF_PORTAL = "Portail, fournisseur des ENT"
METADATA = "/ent/metadonnees"


def try_ents(database: Database, settings: Settings) -> Iterator[Finding]:
    """What signs, our metadata as ENTs read them, and each ENT that is connected; writes nothing."""
    sealer, certificate = Sealer(settings.initial_password_keys), ""
    with database.reading() as session:
        try:
            certificate = certificate_of(private_key(session, sealer, now()))
        except NoKey:
            yield Finding(f"{OF_PORTAL}, clé", Level.CRITICAL, "aucune clé ne signe : lancez « teleservices daily »")
        except SealBroken as broken:
            yield Finding(f"{OF_PORTAL}, clé", Level.CRITICAL, str(broken))
        coming = next_key(session, now())
        ents = [_judge(session, service) for service in connected_ents(session)]
    yield _try_program()
    if certificate:
        yield _judge_key(None if coming is None else coming.signs_from)
        yield _try_own_metadata(settings.public_portal_url + METADATA, certificate)
    yield from ents


def _try_program() -> Finding:
    try:
        xmlsec()
    except SignOnRefused:
        return Finding(f"{OF_PORTAL}, signature", Level.CRITICAL, "xmlsec1 n'est pas installé : apt install xmlsec1")
    return Finding(f"{OF_PORTAL}, signature", Level.GOOD, "xmlsec1 est là")


def _judge_key(changes_at: datetime | None) -> Finding:
    if changes_at is None:
        return Finding(f"{OF_PORTAL}, clé", Level.GOOD, "signe")
    sentence = (
        f"un nouveau certificat signera le {changes_at:%d/%m/%Y} : il est dans nos métadonnées, que chaque ENT doit "
        "avoir relues d'ici là"
    )
    return Finding(f"{OF_PORTAL}, clé", Level.WARNING, sentence)


def _try_own_metadata(address: str, certificate: str) -> Finding:
    name = f"{OF_PORTAL}, métadonnées"
    try:
        # Our own, which declare nothing.
        root = fromstring(text_of(read_bytes(address)))  # noqa: S314 - `text_of` refused DTDs and entities
    except SignOnRefused as refused:
        return Finding(name, Level.CRITICAL, f"ne se lisent pas d'ici ({refused.detail})")
    except (ValueError, ParseError):
        return Finding(name, Level.CRITICAL, f"ce que répond {address} n'en est pas")
    if root.get("entityID") != address:
        return Finding(name, Level.CRITICAL, f"PUBLIC_PORTAL_URL n'est pas ce que disent celles de {address}")
    if certificate not in [one.text for one in root.iter(f"{{{SIGNATURE}}}X509Certificate")]:
        return Finding(name, Level.CRITICAL, "n'ont pas le certificat qui signe : un relais garde les anciennes")
    return Finding(name, Level.GOOD, "se lisent sous notre nom, avec le certificat qui signe")


def _judge(session: Session, service: EntService) -> Finding:
    name = f"ENT « {service.ent_link.label} »"
    chosen = select(func.count()).where(EstablishmentSettings.ent_link_id == service.ent_link_id)
    opened = session.scalar(chosen.where(EstablishmentSettings.ent_is_open)) or 0
    over = [one for one in service.certificates if _ends_at(one) <= now()]
    state = f"{'ouvert' if service.is_open else 'fermé'}, {len(service.consumers)} adresses de retour"
    if over:
        sentence = f"{state} ; un certificat de ses métadonnées est périmé : demandez-en de nouvelles à son opérateur"
        return Finding(name, Level.WARNING, sentence)
    if service.is_open and not opened:
        sentence = f"{state} ; aucun établissement ne l'a choisi, ou tous l'ont fermé : personne n'y entre"
        return Finding(name, Level.WARNING, sentence)
    signed = "questions signées" if service.certificates else "questions sans signature"
    return Finding(name, Level.GOOD, f"{state}, {signed}, ouvert par {opened} établissements")


def _ends_at(certificate: str) -> datetime:
    end = x509.load_der_x509_certificate(base64.b64decode(certificate)).not_valid_after_utc
    return end.astimezone(UTC)
