"""The identity providers of an académie: written down, opened and shut by its administrators (R34)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act
from shared.models.access.identity_providers import IdentityProvider, ProviderKind
from shared.models.journal import Action
from shared.models.staff import Tab
from shared.rows.editing import save_if_unchanged
from shared.rows.opening import Openable
from shared.sign_on.asking.addresses import is_safe
from shared.sign_on.discovery import Discovery
from shared.sign_on.mapper import trust_from
from shared.sign_on.oidc import DEFAULT_SCOPE, Client, way_out
from shared.sign_on.refusals import SignOnRefused
from shared.staff.sessions import CameBy, end_provided

NAME_LENGTH = 80
LONGEST = 500
SECOND_FACTOR = "mfa"
"""What a provider says of a login by two factors, unless the académie wrote otherwise."""


class ProviderRefused(Exception):
    """A provider cannot be written down so; the message says why, in French."""


@dataclass(frozen=True)
class Description:
    """What the académie writes of a provider; `secret` empty leaves the one that is kept."""

    kind: ProviderKind
    name: str
    address: str
    client_id: str = ""
    secret: str = ""
    scope: str = DEFAULT_SCOPE
    gives_roles: bool = True
    application: str = "teleservices"
    delegated_tabs: frozenset[Tab] = frozenset(Tab)
    academy_groups: tuple[str, ...] = ()
    help_groups: tuple[str, ...] = ()
    strengths: tuple[str, ...] = (SECOND_FACTOR,)

    def checked(self) -> "Description":
        """The same, without blanks around.

        Raises:
            ProviderRefused: something is missing, too long, or no address that may be spoken to.
        """
        name, address, client_id = self.name.strip(), self.address.strip(), self.client_id.strip()
        if not 0 < len(name) <= NAME_LENGTH:
            raise ProviderRefused(f"Écrivez le nom que portera le bouton de connexion : {NAME_LENGTH} signes au plus.")
        if len(address) > LONGEST or not is_safe(address):
            raise ProviderRefused("L'adresse doit être complète et commencer par https://, sans mot de passe ni « # ».")
        if self.kind is ProviderKind.OIDC and not 0 < len(client_id) <= 200:
            raise ProviderRefused("Écrivez l'identifiant de client que le fournisseur a donné.")
        if self.kind is ProviderKind.SAML and not 0 < len(client_id) <= 200:
            raise ProviderRefused("Écrivez l'identifiant d'entité (entityID) du fournisseur, tel que ses métadonnées.")
        if self.kind is ProviderKind.OIDC and "openid" not in self.scope.split():
            raise ProviderRefused("Les portées demandées doivent contenir « openid ».")
        # Our own key for a SAML provider, which nobody typed.
        secret = "" if self.kind is ProviderKind.SAML else self.secret
        groups = *self.academy_groups, *self.help_groups
        written = [self.application, self.scope, client_id, secret, *groups, *self.strengths]
        if any(len(text) > LONGEST or not text.isprintable() for text in written):
            raise ProviderRefused(f"Un des réglages a plus de {LONGEST} signes, ou des signes qui ne s'écrivent pas.")
        return Description(**{**self.__dict__, "name": name, "address": address, "client_id": client_id})

    def as_values(self, sealer: Sealer) -> dict[str, Any]:
        """As the row holds it."""
        values: dict[str, Any] = {
            "kind": self.kind,
            "name": self.name,
            "address": self.address,
            "client_id": self.client_id or None,
            "trust": {
                "scope": self.scope,
                "gives_roles": self.gives_roles,
                "application": self.application,
                "delegated_tabs": sorted(self.delegated_tabs),
                "academy_groups": sorted(self.academy_groups),
                "help_groups": sorted(self.help_groups),
                "strengths": sorted(self.strengths),
            },
        }
        return values | ({"secret": sealer.seal(self.secret)} if self.secret else {})


def add_provider(act: Act, wanted: Description, sealer: Sealer) -> IdentityProvider:
    """Write a provider down; it stays shut until it was tried.

    Raises:
        ProviderRefused: something is wrong, or it is there already.
    """
    wanted = wanted.checked()
    same = select(IdentityProvider.id).where(IdentityProvider.kind == wanted.kind)
    if wanted.kind is not ProviderKind.HEADERS:
        # There is one portal in front, whose headers say who comes, wherever its sessions end.
        same = same.where(IdentityProvider.address == wanted.address)
    if act.session.scalar(same.limit(1)) is not None:
        raise ProviderRefused("Ce fournisseur est déjà dans la liste : modifiez celui-là.")
    last = act.session.scalar(select(func.max(IdentityProvider.position))) or 0
    provider = IdentityProvider(**wanted.as_values(sealer), position=last + 1, created_at=act.now)
    act.session.add(provider)
    act.session.flush()
    _record(act, Action.PROVIDER_ADDED, provider)
    return provider


def change_provider(act: Act, provider: IdentityProvider, wanted: Description, version: int, sealer: Sealer) -> None:
    """Write it otherwise; whoever came in by it logs in again, since what it may say has changed.

    Raises:
        ProviderRefused: something is wrong, or its address changes: who people are there would be somebody else.
        ChangedMeanwhile: somebody else changed it since `version` was read.
    """
    wanted = wanted.checked()
    if (wanted.kind, wanted.address) != (provider.kind, provider.address):
        raise ProviderRefused(
            "L'adresse d'un fournisseur ne se change pas : les personnes y seraient d'autres. Ajoutez-en un nouveau, "
            "puis fermez celui-ci."
        )
    save_if_unchanged(act.session, provider, version, wanted.as_values(sealer))
    end_provided(act.session, provider.id)
    _record(act, Action.PROVIDER_CHANGED, provider)


def turn_provider(act: Act, provider: IdentityProvider, version: int, *, opens: bool) -> None:
    """Show it on the login page; or let nobody in by it any more, and log out at once who came that way.

    Raises:
        ChangedMeanwhile: somebody else changed it since `version` was read.
    """
    _PROVIDERS.turn(act, provider, version, opens=opens)
    if not opens:
        end_provided(act.session, provider.id)


def move_up(act: Act, provider: IdentityProvider) -> None:
    """One place up on the login page; the first stays where it is."""
    before = select(IdentityProvider).where(IdentityProvider.position < provider.position)
    above = act.session.scalars(before.order_by(IdentityProvider.position.desc()).limit(1).with_for_update()).first()
    if above is not None:
        above.position, provider.position = provider.position, above.position
        act.session.flush()
        _record(act, Action.PROVIDER_CHANGED, provider)


def providers(session: Session) -> Sequence[IdentityProvider]:
    """All of them, as the login page orders them: an académie has a few."""
    return session.scalars(select(IdentityProvider).order_by(IdentityProvider.position, IdentityProvider.id)).all()


def open_providers(session: Session) -> Sequence[IdentityProvider]:
    """Those that the login page offers, in the order of the académie."""
    offered = select(IdentityProvider).where(IdentityProvider.is_open)
    return session.scalars(offered.order_by(IdentityProvider.position, IdentityProvider.id)).all()


def find_open(session: Session, provider_id: int) -> IdentityProvider | None:
    """A provider, if it is open."""
    provider = session.get(IdentityProvider, provider_id)
    return provider if provider is not None and provider.is_open else None


def way_out_of(provider: IdentityProvider) -> str | None:
    """Where the session that a provider keeps in a browser is ended; none where that is not known."""
    if provider.kind is ProviderKind.CAS:
        return f"{provider.address.rstrip('/')}/logout"
    return provider.address if provider.kind is ProviderKind.HEADERS else None


@dataclass(frozen=True)
class StillKnown:
    """A provider by which somebody came who has just left here: its own session still knows them."""

    name: str
    address: str | None
    """Where that session is ended, as far as it is known without asking."""
    client: Client | None = None
    token: str = ""

    def ended_at(self, discovery: Discovery, back: str) -> str | None:
        """Where it is ended; none where that is not known. It may be asked over the network: no transaction is open."""
        if self.client is not None:
            with suppress(SignOnRefused):
                return way_out(self.client, discovery, self.token, back)
        return self.address


def still_known(session: Session, came: CameBy, sealer: Sealer, redirect_uri: str) -> StillKnown | None:
    """The provider of `came`; none once the académie shut it.

    Raises:
        SealBroken: the key that sealed its secret, or what ends its session, is no longer in the configuration.
    """
    provider = find_open(session, came.provider_id)
    if provider is None:
        return None
    if provider.kind is not ProviderKind.OIDC:
        return StillKnown(provider.name, way_out_of(provider))
    token = sealer.open(came.token) if came.token else ""
    return StillKnown(provider.name, way_out_of(provider), client_of(provider, sealer, redirect_uri), token)


def client_of(provider: IdentityProvider, sealer: Sealer, redirect_uri: str) -> Client:
    """What we are for an OpenID Connect provider.

    Raises:
        SealBroken: the key that sealed its secret is no longer in the configuration.
    """
    secret = None if provider.secret is None else sealer.open(provider.secret)
    scope = str(provider.trust.get("scope") or DEFAULT_SCOPE)
    return Client(provider.address, provider.client_id or "", secret, redirect_uri, scope)


def shows_two_factors(trust: Mapping[str, Any], strengths: frozenset[str]) -> bool:
    """Whether what a provider calls this login is a login by two factors, as the académie wrote."""
    named = trust.get("strengths")
    return bool(strengths & set(named if isinstance(named, list) else [SECOND_FACTOR]))


def _record(act: Act, action: Action, provider: IdentityProvider) -> None:
    act.record(action, subject=provider.name, details={"url": provider.address})


_PROVIDERS = Openable(Action.PROVIDER_OPENED, Action.PROVIDER_SHUT, _record)


def described(provider: IdentityProvider) -> Description:
    """What is written of a provider, without its secret."""
    trust = trust_from(provider.trust)
    strengths = provider.trust.get("strengths")
    return Description(
        kind=provider.kind,
        name=provider.name,
        address=provider.address,
        client_id=provider.client_id or "",
        scope=str(provider.trust.get("scope") or DEFAULT_SCOPE),
        gives_roles=trust.gives_roles,
        application=trust.application,
        delegated_tabs=trust.delegated_tabs,
        academy_groups=tuple(sorted(trust.academy_groups)),
        help_groups=tuple(sorted(trust.help_groups)),
        strengths=tuple(strengths) if isinstance(strengths, list) else (SECOND_FACTOR,),
    )
