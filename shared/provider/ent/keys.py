"""The keys that the portal signs what it tells ENTs with: as those of téléservices, but slowly.

Operators of ENTs often copy a certificate by hand: the next one stands beside the present one for two months.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act
from shared.models.access.ents import EntKey, EntService
from shared.models.journal import Action
from shared.proofs.secrets import drawn
from shared.provider.keys import NoKey, forget_needless, give_up, next_signs_from, published_at, signing_at
from shared.sign_on.saml.party import certificate_of, new_key

SIGNS_FOR = timedelta(days=730)
PUBLISHED_BEFORE = timedelta(days=60)


def kept_keys(session: Session) -> Sequence[EntKey]:
    """All of them, in the order in which they sign: one or two."""
    return session.scalars(select(EntKey).order_by(EntKey.signs_from, EntKey.id)).all()


def published(session: Session, now: datetime) -> list[EntKey]:
    """Those whose certificates our metadata show: the one that signs first, then the next one."""
    return published_at(kept_keys(session), now)


def next_key(session: Session, now: datetime) -> EntKey | None:
    """The one that will sign, once its time comes."""
    return next((key for key in kept_keys(session) if key.retired_at is None and key.signs_from > now), None)


def private_key(session: Session, sealer: Sealer, now: datetime) -> str:
    """The key that signs at `now`, as PEM, then its certificate.

    Raises:
        NoKey: there is none.
        SealBroken: the key that sealed it is no longer in the configuration.
    """
    row = signing_at(kept_keys(session), now)
    if row is None:
        raise NoKey
    return sealer.open(row.private)


def ensure_key(session: Session, sealer: Sealer, now: datetime) -> None:
    """Make the first key, if there is none that signs."""
    if signing_at(kept_keys(session), now) is None:
        _add(session, sealer, now, signs_from=now)


def change_ent_keys(session: Session, sealer: Sealer, now: datetime) -> None:
    """For the daily job: publish the next key when the present one is old, and forget those that nobody needs."""
    keys = kept_keys(session)
    signs_from = next_signs_from(keys, now, signs_for=SIGNS_FOR, published_before=PUBLISHED_BEFORE)
    if signs_from is not None and session.scalar(select(EntService.id).limit(1)) is not None:
        _add(session, sealer, now, signs_from=signs_from)
    forget_needless(session, EntKey, keys, now)


def replace_key(act: Act, sealer: Sealer) -> None:
    """Sign with a new key at once: somebody may have the others. ENTs refuse what it signs until they have read it."""
    give_up(act.session, EntKey, act.now)
    _add(act.session, sealer, act.now, signs_from=act.now)
    act.record(Action.ENT_KEY_REPLACED)


def _add(session: Session, sealer: Sealer, now: datetime, *, signs_from: datetime) -> None:
    pem = new_key(now)
    key = EntKey(
        name=drawn(),
        private=sealer.seal(pem),
        certificate=certificate_of(pem),
        created_at=now,
        signs_from=signs_from,
    )
    session.add(key)
    session.flush()
