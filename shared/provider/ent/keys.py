"""The keys that the portal signs what it tells ENTs with: as those of téléservices, but slowly.

Operators of ENTs often copy a certificate by hand: the next one stands beside the present one for two months.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.models.access.ents import EntKey, EntService
from shared.models.journal import Action
from shared.proofs.secrets import drawn
from shared.provider.rotation import Rotation, published_at
from shared.sign_on.saml.party import certificate_of, new_key

SIGNS_FOR = timedelta(days=730)
PUBLISHED_BEFORE = timedelta(days=60)


def published(session: Session, now: datetime) -> list[EntKey]:
    """Those whose certificates our metadata show: the one that signs first, then the next one."""
    return published_at(ENT_KEYS.kept(session), now)


def next_key(session: Session, now: datetime) -> EntKey | None:
    """The one that will sign, once its time comes."""
    return next((key for key in ENT_KEYS.kept(session) if key.retired_at is None and key.signs_from > now), None)


def private_key(session: Session, sealer: Sealer, now: datetime) -> str:
    """The key that signs at `now`, as PEM, then its certificate.

    Raises:
        NoKey: there is none.
        SealBroken: the key that sealed it is no longer in the configuration.
    """
    return sealer.open(ENT_KEYS.signing(session, now).private)


def _made(sealer: Sealer, now: datetime) -> EntKey:
    pem = new_key(now)
    return EntKey(name=drawn(), private=sealer.seal(pem), certificate=certificate_of(pem), created_at=now)


ENT_KEYS = Rotation(EntKey, EntService.id, SIGNS_FOR, PUBLISHED_BEFORE, Action.ENT_KEY_REPLACED, _made)
