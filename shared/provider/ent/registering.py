"""ENTs that know families by the portal: connected, opened and shut by the académie (R35)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act
from shared.models.access.ents import EntService
from shared.models.journal import Action
from shared.models.teleservices import EntLink
from shared.proofs.secrets import drawn
from shared.provider.ent.keys import ENT_KEYS
from shared.provider.ent.metadata import EntMetadata, MetadataRefused, read_metadata
from shared.rows.editing import save_if_unchanged
from shared.rows.opening import Openable

TAKEN = "Cet ENT est déjà raccordé, ou un autre porte le même identifiant d'entité : modifiez son raccordement."


def connect_ent(act: Act, ent_link_id: int, document: bytes, sealer: Sealer) -> EntService:
    """Connect an ENT of the list of the académie by its metadata, shut.

    Raises:
        MetadataRefused: they are none, or it is connected already.
    """
    read = read_metadata(document, act.now)
    link = act.session.get(EntLink, ent_link_id)
    if link is None or link.retired_at is not None:
        raise MetadataRefused("Choisissez un ENT de la liste « Liens ENT prédéfinis ».")
    service = EntService(ent_link_id=link.id, pairwise_key=sealer.seal(drawn()), created_at=act.now, **_as_values(read))
    act.session.add(service)
    try:
        act.session.flush()
    except IntegrityError:
        raise MetadataRefused(TAKEN) from None
    ENT_KEYS.ensure(act.session, sealer, act.now)
    _record(act, Action.ENT_SERVICE_ADDED, service)
    return service


def change_ent(act: Act, service: EntService, document: bytes, version: int) -> None:
    """Replace its metadata; what families agreed to stays.

    Raises:
        MetadataRefused: they are none, or those of another ENT that is connected.
        ChangedMeanwhile: somebody else changed it since `version` was read.
    """
    read = read_metadata(document, act.now)
    try:
        save_if_unchanged(act.session, service, version, _as_values(read))
    except IntegrityError:
        raise MetadataRefused(TAKEN) from None
    _record(act, Action.ENT_SERVICE_CHANGED, service)


def connected_ents(session: Session) -> Sequence[EntService]:
    """Those connected, by label."""
    listed = select(EntService).join(EntService.ent_link).order_by(EntLink.label, EntService.id)
    return session.scalars(listed).all()


def ents_to_connect(session: Session) -> Sequence[EntLink]:
    """The ENTs of the list that are not connected."""
    free = select(EntLink).where(EntLink.retired_at.is_(None), EntLink.id.not_in(select(EntService.ent_link_id)))
    return session.scalars(free.order_by(EntLink.label, EntLink.id)).all()


def _as_values(read: EntMetadata) -> Mapping[str, Any]:
    return {
        "entity_id": read.entity_id,
        "consumers": list(read.consumers),
        "consumer_indexes": list(read.consumer_indexes),
        "certificates": list(read.certificates),
        "logout_address": read.logout_address,
        "ending_address": read.ending_address,
    }


def _record(act: Act, action: Action, service: EntService) -> None:
    act.record(action, subject=service.ent_link.label, details={"entity": service.entity_id})


ENTS = Openable(Action.ENT_SERVICE_OPENED, Action.ENT_SERVICE_SHUT, _record)
"""An open one knows families where establishments chose it and did not close it; one that is shut is told nothing."""
