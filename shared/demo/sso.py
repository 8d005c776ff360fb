"""The demonstration of sign-on: LemonLDAP::NG as the portal of the académie and as an ENT, and a téléservice (R34).

Everything is connected as the académie would, by the same rules; a parent with two children has an account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.generation import generate_accounts
from shared.accounts.populations import GUARDIANS
from shared.acting.desk import Act, Desk
from shared.config import Settings
from shared.database import Database
from shared.demo import lemonldap
from shared.demo.servers import ACADEMY, ENT, FOLDER, PORT, SERVICE_ENV, Places, kept_places
from shared.establishments.ent import set_ent
from shared.establishments.ent_links import add_ent_link
from shared.establishments.settings import settings_of
from shared.journal import COMMAND
from shared.models.access.identity_providers import ProviderKind
from shared.models.access.openid import Shared
from shared.models.accounts import Account, AccountState
from shared.models.school import Establishment, Guardian, Guardianship
from shared.models.teleservices import LetterType, Teleservice
from shared.private_files import create_private
from shared.proofs.secrets import drawn
from shared.provider.clients import CLIENTS, Registration, register_client
from shared.provider.ent.description import Places as OwnPlaces
from shared.provider.ent.description import own_metadata
from shared.provider.ent.keys import published
from shared.provider.ent.registering import ENTS, connect_ent
from shared.sign_on.providers import Description, add_provider, turn_provider
from shared.sign_on.saml.party import Party, metadata_of, new_key

CLIENT = "teleservices"
SERVICE = "fiche-renseignements"
"""The téléservice of the catalogue that the demonstration connects: open by default."""


@dataclass(frozen=True)
class Parent:
    """Somebody who may enter: what the letter would say."""

    identifier: str
    password: str
    children: int


@dataclass(frozen=True)
class Sso:
    """What was connected."""

    places: Places
    parents: Sequence[Parent]
    """With two children or more first; empty once each of them chose a password."""


def prepare_sso(database: Database, settings: Settings, uais: Sequence[str], at: Places, now: datetime) -> Sso:
    """Connect everything and write the settings of the servers; a second time, only say what there is.

    An edge: it commits. `uais` are the schools, whose first `dwho` directs.
    """
    folder, sealer = settings.var_dir / FOLDER, Sealer(settings.initial_password_keys)
    if not (folder / PORT).exists():
        key = new_key(now)
        with database.writing() as session:
            act = Act(session, COMMAND, now)
            secret = _connect_staff(act, at, sealer)
            service = _connect_service(act, at, sealer)
            _connect_ent(act, at, key, uais, sealer)
            ours = _own_metadata(session, settings, now)
        create_private(folder / SERVICE_ENV)
        (folder / SERVICE_ENV).write_text("\n".join((settings.public_portal_url, *service)), "utf-8")
        _write_academy(folder / ACADEMY, settings, at, uais[0], secret)
        lemonldap.write(folder / ENT, at.ent, "ent", lemonldap.ent(ours, key))
        (folder / PORT).write_text(str(at.first), "utf-8")
    for uai in uais:
        with database.writing() as session:
            generate_accounts(_desk(session, uai, now), GUARDIANS, sealer)
    with database.reading() as session:
        return Sso(kept_places(settings.var_dir), _parents(session, uais[0], sealer))


def _connect_staff(act: Act, at: Places, sealer: Sealer) -> str:
    secret = drawn()
    wanted = Description(
        ProviderKind.OIDC,
        "le portail académique",
        at.academy,
        CLIENT,
        secret,
        scope="openid profile email fredu",
    )
    provider = add_provider(act, wanted, sealer)
    turn_provider(act, provider, provider.version, opens=True)
    return secret


def _write_academy(folder: Path, settings: Settings, at: Places, uai: str, secret: str) -> None:
    portal, back = at.academy, f"{settings.public_admin_url}/connexion/par/retour"
    of_staff = lemonldap.openid_for_staff(portal, back, CLIENT, secret)
    lemonldap.write(folder, portal, "academie", {**lemonldap.people(uai), **of_staff})


def _connect_service(act: Act, at: Places, sealer: Sealer) -> tuple[str, str]:
    """Its name and its secret."""
    service = act.session.scalars(select(Teleservice).where(Teleservice.code == SERVICE)).one()
    service.url = f"{at.service}/"
    wanted = Registration(
        return_addresses=(f"{at.service}/retour",),
        after_logout_addresses=(f"{at.service}/",),
        data=frozenset({Shared.NAMES, Shared.EMAIL, Shared.CHILDREN}),
    )
    client, secret = register_client(act, service.id, wanted, sealer)
    CLIENTS.turn(act, client, client.version, opens=True)
    return client.client_id, secret


def _connect_ent(act: Act, at: Places, key: str, uais: Sequence[str], sealer: Sealer) -> None:
    """Connect it, and have the schools choose it."""
    link = add_ent_link(act, "ENT de démonstration", "https://ent.example.org/")
    # The rule takes no name without a dot, such as this machine has.
    link.url = f"{at.ent}/"
    # As LemonLDAP::NG publishes them, which does not run yet.
    saml = f"{at.ent}/saml"
    ending = (f"{saml}/proxySingleLogout", f"{saml}/proxySingleLogoutReturn")
    theirs = metadata_of(Party(f"{saml}/metadata", f"{saml}/proxySingleSignOnPost", key), ending)
    service = connect_ent(act, link.id, theirs, sealer)
    ENTS.turn(act, service, service.version, opens=True)
    for uai in uais:
        desk = _desk(act.session, uai, act.now)
        version = settings_of(act.session, desk.establishment_id).version
        set_ent(desk, letter_type=LetterType.MIXED, link_id=link.id, version=version)


def _own_metadata(session: Session, settings: Settings, now: datetime) -> str:
    own = f"{settings.public_portal_url}/ent"
    places = OwnPlaces(f"{own}/metadonnees", f"{own}/connexion", f"{own}/fin")
    return own_metadata(places, [one.certificate for one in published(session, now)]).decode()


def _desk(session: Session, uai: str, now: datetime) -> Desk:
    school = session.scalars(select(Establishment.id).where(Establishment.uai == uai)).one()
    return Desk(session, COMMAND, now, school, now.date())


def _parents(session: Session, uai: str, sealer: Sealer) -> list[Parent]:
    """Some who have not chosen a password yet, those with most children first."""
    children = func.count(Guardianship.student_id.distinct())
    found = session.execute(
        select(Account, children)
        .join(Guardian, Guardian.account_id == Account.id)
        .join(Guardianship, Guardianship.guardian_id == Guardian.id)
        .join(Establishment, Establishment.id == Guardian.establishment_id)
        .where(
            Establishment.uai == uai,
            Account.state.in_((AccountState.NOT_NOTIFIED, AccountState.NOTIFIED)),
            Guardian.gone_at.is_(None),
            Guardianship.gone_at.is_(None),
            Guardianship.legal_rank.is_not(None),
        )
        .group_by(Account.id)
        .order_by(children.desc(), Account.id)
        .limit(3)
    ).all()
    return [
        Parent(account.identifier, sealer.open(account.initial_password), number)
        for account, number in found
        if account.initial_password is not None
    ]
