"""Téléservices that know families by the portal: registered, opened and shut by the académie (R35)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act
from shared.models.access.openid import OpenidClient, OpenidClientSchool, Shared
from shared.models.journal import Action
from shared.models.school import Establishment
from shared.models.teleservices import ADDRESS_LENGTH, Teleservice
from shared.proofs.secrets import drawn, hashed
from shared.provider.keys import KEYS
from shared.rows.editing import save_if_unchanged
from shared.rows.opening import Openable
from shared.sign_on.asking.addresses import is_safe

MOST_ADDRESSES = 20
FORMER_SECRET_LASTS = timedelta(days=7)


class ClientRefused(Exception):
    """A téléservice cannot be registered so; the message says why, in French."""


@dataclass(frozen=True)
class Registration:
    """What the académie writes of a téléservice. `uais` empty: every establishment that opens it."""

    return_addresses: tuple[str, ...]
    after_logout_addresses: tuple[str, ...] = ()
    logout_address: str = ""
    data: frozenset[Shared] = frozenset()
    uais: tuple[str, ...] = ()

    def checked(self) -> "Registration":
        """The same, each address once.

        Raises:
            ClientRefused: an address is missing, or none that a browser may be sent to.
        """
        if not self.return_addresses:
            raise ClientRefused("Écrivez au moins une adresse de retour.")
        back, after = tuple(dict.fromkeys(self.return_addresses)), tuple(dict.fromkeys(self.after_logout_addresses))
        if max(len(back), len(after)) > MOST_ADDRESSES:
            raise ClientRefused(f"Écrivez {MOST_ADDRESSES} adresses au plus.")
        for address in filter(None, (*back, *after, self.logout_address)):
            if len(address) > ADDRESS_LENGTH or not is_safe(address) or "*" in address:
                raise ClientRefused(
                    f"« {address[:80]} » ne convient pas : chaque adresse doit être complète et commencer par "
                    "https://, sans mot de passe, « # » ni « * »."
                )
        if Shared.INE in self.data and Shared.CHILDREN not in self.data:
            raise ClientRefused("L'INE ne se donne qu'avec les enfants : cochez aussi « Les enfants ».")
        return replace(self, return_addresses=back, after_logout_addresses=after)

    def as_values(self) -> dict[str, Any]:
        """As the row holds it."""
        return {
            "return_addresses": list(self.return_addresses),
            "after_logout_addresses": list(self.after_logout_addresses),
            "logout_address": self.logout_address or None,
            "data": sorted(self.data),
            "everywhere": not self.uais,
        }


def register_client(act: Act, teleservice_id: int, wanted: Registration, sealer: Sealer) -> tuple[OpenidClient, str]:
    """Register a téléservice of the catalogue, shut; returns its secret too, which nobody reads afterwards.

    Raises:
        ClientRefused: something is wrong, or it is registered already.
    """
    wanted = wanted.checked()
    teleservice = act.session.get(Teleservice, teleservice_id)
    if teleservice is None or teleservice.retired_at is not None:
        raise ClientRefused("Choisissez un téléservice du catalogue.")
    if act.session.scalar(select(OpenidClient.id).where(OpenidClient.teleservice_id == teleservice_id)) is not None:
        raise ClientRefused("Ce téléservice est déjà raccordé : modifiez son raccordement.")
    secret = drawn()
    client = OpenidClient(
        teleservice_id=teleservice_id,
        client_id=drawn()[:24],
        secret_hash=hashed(secret),
        pairwise_key=sealer.seal(drawn()),
        created_at=act.now,
        **wanted.as_values(),
    )
    act.session.add(client)
    act.session.flush()
    _write_schools(act.session, client, wanted.uais)
    KEYS.ensure(act.session, sealer, act.now)
    _record(act, Action.OPENID_CLIENT_ADDED, client)
    return client, secret


def change_client(act: Act, client: OpenidClient, wanted: Registration, version: int) -> None:
    """Write its registration otherwise; what families agreed to give stays, what may be given may shrink.

    Raises:
        ClientRefused: something is wrong.
        ChangedMeanwhile: somebody else changed it since `version` was read.
    """
    wanted = wanted.checked()
    save_if_unchanged(act.session, client, version, wanted.as_values())
    _write_schools(act.session, client, wanted.uais)
    _record(act, Action.OPENID_CLIENT_CHANGED, client)


def renew_secret(act: Act, client: OpenidClient, version: int, *, at_once: bool) -> str:
    """Another secret, which nobody reads afterwards; the former one serves for some days, unless it must end `at_once`.

    Raises:
        ChangedMeanwhile: somebody else changed it since `version` was read.
    """
    secret = drawn()
    values: dict[str, Any] = {"secret_hash": hashed(secret), "former_secret_hash": None, "former_secret_until": None}
    if not at_once:
        values |= {"former_secret_hash": client.secret_hash, "former_secret_until": act.now + FORMER_SECRET_LASTS}
    save_if_unchanged(act.session, client, version, values)
    _record(act, Action.OPENID_SECRET_RENEWED, client)
    return secret


def clients(session: Session) -> Sequence[OpenidClient]:
    """Those registered, as the catalogue orders them."""
    listed = select(OpenidClient).join(OpenidClient.teleservice).order_by(Teleservice.position, OpenidClient.id)
    return session.scalars(listed).all()


def services_to_register(session: Session) -> Sequence[Teleservice]:
    """The téléservices of the catalogue that are not registered."""
    taken = select(OpenidClient.teleservice_id)
    free = select(Teleservice).where(Teleservice.retired_at.is_(None), Teleservice.id.not_in(taken))
    return session.scalars(free.order_by(Teleservice.position, Teleservice.id)).all()


def uais_of(session: Session, client: OpenidClient) -> list[str]:
    """The establishments that its registration names; none for all of them."""
    named = select(Establishment.uai).join(OpenidClientSchool)
    return list(
        session.scalars(named.where(OpenidClientSchool.openid_client_id == client.id).order_by(Establishment.uai))
    )


def _write_schools(session: Session, client: OpenidClient, uais: Sequence[str]) -> None:
    session.execute(delete(OpenidClientSchool).where(OpenidClientSchool.openid_client_id == client.id))
    if not uais:
        return
    wanted = {uai.upper() for uai in uais}
    found = session.execute(select(Establishment.id, Establishment.uai).where(Establishment.uai.in_(wanted))).all()
    missing = sorted(wanted - {row.uai for row in found})
    if missing:
        raise ClientRefused(f"Aucun établissement d'ici n'a cet UAI : {', '.join(missing[:5])[:80]}.")
    rows = [{"openid_client_id": client.id, "establishment_id": row.id} for row in found]
    session.execute(insert(OpenidClientSchool), rows)


def _record(act: Act, action: Action, client: OpenidClient) -> None:
    act.record(action, subject=client.teleservice.label)


CLIENTS = Openable(Action.OPENID_CLIENT_OPENED, Action.OPENID_CLIENT_SHUT, _record)
"""An open one knows families where its téléservice is open; of one that is shut, codes and tokens open nothing."""
