"""Tries the ways in from elsewhere, and the portal that téléservices trust: `teleservices sso check` (R34, R35)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shared.accounts.credentials.sealing import SealBroken, Sealer
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.models.access.ents import EntService
from shared.models.access.identity_providers import ProviderKind
from shared.models.access.openid import OpenidClient
from shared.provider.keys import Keyring
from shared.provider.rotation import NoKey
from shared.sign_on.asking.web import clock_at, read_json
from shared.sign_on.discovery import WELL_KNOWN, Discovery
from shared.sign_on.providers import providers
from shared.sign_on.refusals import SignOnRefused
from shared.sign_on.tokens import LEEWAY
from shared.watching.ent_trials import try_ents
from shared.watching.judgement import Finding, Level

OF_PORTAL = "Portail, fournisseur des téléservices"


@dataclass(frozen=True)
class _Door:
    """A provider as it is written down; asked with no transaction open."""

    name: str
    kind: ProviderKind
    address: str
    entity_id: str
    is_open: bool


def try_doors(database: Database, settings: Settings) -> Iterator[Finding]:
    """Each provider of staff, then the portal as one, for téléservices and for ENTs; writes nothing.

    Raises:
        ConfigurationError: a secret is missing.
    """
    settings.require_secrets()
    with database.reading() as session:
        doors = [_Door(one.name, one.kind, one.address, one.client_id or "", one.is_open) for one in providers(session)]
        registered = session.scalar(select(OpenidClient.id).limit(1)) is not None
        has_ents = session.scalar(select(EntService.id).limit(1)) is not None
    for door in doors:
        yield _try_provider(door, settings)
    if registered:
        yield _try_key(database, settings)
        yield _try_own_page(settings.public_portal_url)
    if has_ents:
        yield from try_ents(database, settings)
    if not doors and not registered and not has_ents:
        yield Finding("Portes", Level.GOOD, "ni fournisseur d'identité, ni téléservice, ni ENT : rien à essayer")


def _try_provider(door: _Door, settings: Settings) -> Finding:
    name = f"Fournisseur « {door.name} »"
    if door.kind is ProviderKind.HEADERS:
        return _try_portal(name, door, settings)
    try:
        if door.kind is ProviderKind.SAML:
            good, theirs = _saml(door), clock_at(door.address)
        elif door.kind is ProviderKind.OIDC:
            keys = len(Discovery().keys(door.address).keys)
            good, theirs = f"répond, {keys} clés de signature", clock_at(door.address + WELL_KNOWN)
        else:
            good, theirs = "répond", clock_at(door.address.rstrip("/") + "/login")
    except SignOnRefused as refused:
        # Nobody is shut out by one that is not offered.
        return Finding(name, Level.CRITICAL if door.is_open else Level.WARNING, f"ne va pas ({refused.detail})")
    return _judge_clock(name, good if door.is_open else f"fermé ; {good}", theirs)


def _saml(door: _Door) -> str:
    """Its metadata, and the program that verifies what it signs.

    Raises:
        SignOnRefused: either is missing.
    """
    # What reads XML is loaded where there is some to read.
    from shared.sign_on.saml.door import read_anew
    from shared.sign_on.saml.plain import xmlsec

    xmlsec()
    return f"répond, {len(read_anew(door.address, door.entity_id).certificates)} certificats de signature"


def _try_portal(name: str, door: _Door, settings: Settings) -> Finding:
    """What can be seen from here of a portal in front, which is never asked anything."""
    if settings.front_secret is None:
        level = Level.CRITICAL if door.is_open else Level.WARNING
        return Finding(name, level, "FRONT_SECRET n'est pas réglé : personne n'entre par lui")
    good = "son secret est réglé ; ses en-têtes ne se voient qu'en entrant par lui"
    return Finding(name, Level.GOOD, good if door.is_open else f"fermé ; {good}")


def _judge_clock(name: str, good: str, theirs: datetime | None) -> Finding:
    away = 0.0 if theirs is None else abs((now() - theirs).total_seconds())
    if away <= LEEWAY / 2:
        return Finding(name, Level.GOOD, good)
    level = Level.WARNING if away <= LEEWAY else Level.CRITICAL
    sentence = f"son horloge et la nôtre diffèrent de {away:.0f} s ; au-delà de {LEEWAY} s, tout est refusé"
    return Finding(name, level, sentence)


def _try_key(database: Database, settings: Settings) -> Finding:
    name = f"{OF_PORTAL}, clé"
    try:
        with database.reading() as session:
            Keyring().signing(session, Sealer(settings.initial_password_keys), now())
    except NoKey:
        return Finding(name, Level.CRITICAL, "aucune clé ne signe : lancez « teleservices daily »")
    except SealBroken as broken:
        return Finding(name, Level.CRITICAL, str(broken))
    return Finding(name, Level.GOOD, "signe")


def _try_own_page(issuer: str) -> Finding:
    name = f"{OF_PORTAL}, découverte"
    try:
        said = read_json(issuer + WELL_KNOWN).get("issuer")
    except SignOnRefused as refused:
        return Finding(name, Level.CRITICAL, f"sa page ne se lit pas d'ici ({refused.detail})")
    if said != issuer:
        return Finding(name, Level.CRITICAL, f"PUBLIC_PORTAL_URL n'est pas ce que dit la page de {issuer}")
    return Finding(name, Level.GOOD, "répond sous son nom")
