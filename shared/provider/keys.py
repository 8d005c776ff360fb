"""The keys that the portal signs with: made, published ahead, changed without break, given up at once (R35)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act
from shared.models.access.openid import KeyOfPortal, OpenidClient, OpenidKey
from shared.models.journal import Action
from shared.proofs.secrets import drawn

ALGORITHM = "RS256"
"""The one that every téléservice knows (OpenID Connect Core 1.0, 15.1)."""
BITS = 2048
SIGNS_FOR = timedelta(days=90)
PUBLISHED_BEFORE = timedelta(days=1)
"""Longer than any téléservice keeps what it read of our keys."""
PUBLISHED_AFTER = timedelta(days=1)
"""Longer than a session of the portal, whose tokens come back when it ends."""


Kind = TypeVar("Kind", bound=KeyOfPortal)


class NoKey(Exception):
    """The portal has no key to sign with: no téléservice, or no ENT, was ever registered."""


@dataclass(frozen=True)
class SigningKey:
    """A key and its name."""

    name: str
    private: RSAKey


@dataclass
class Keyring:
    """The private keys that one process opened: unsealing and reading one takes longer than signing with it."""

    _opened: dict[str, RSAKey] = field(default_factory=dict)

    def signing(self, session: Session, sealer: Sealer, now: datetime) -> SigningKey:
        """The key that signs at `now`.

        Raises:
            NoKey: there is none.
            SealBroken: the key that sealed it is no longer in the configuration.
        """
        row = signing_at(kept_keys(session), now)
        if row is None:
            raise NoKey
        if row.name not in self._opened:
            self._opened = {row.name: RSAKey.import_key(sealer.open_bytes(row.private))}
        return SigningKey(row.name, self._opened[row.name])


def kept_keys(session: Session) -> Sequence[OpenidKey]:
    """All of them, in the order in which they sign: two or three."""
    return session.scalars(select(OpenidKey).order_by(OpenidKey.signs_from, OpenidKey.id)).all()


def signing_at(keys: Sequence[Kind], now: datetime) -> Kind | None:
    """The newest of those whose time has come. Pure."""
    usable = (key for key in reversed(keys) if key.retired_at is None and key.signs_from <= now)
    return next(usable, None)


def published_at(keys: Sequence[Kind], now: datetime) -> list[Kind]:
    """Those that anybody may check a signature with: next, present, and past until their tokens died. Pure."""
    usable = [key for key in keys if key.retired_at is None]
    following = [*(key.signs_from for key in usable[1:]), None]
    return [
        key for key, until in zip(usable, following, strict=False) if until is None or now < until + PUBLISHED_AFTER
    ]


def give_up(session: Session, kind: type[Kind], now: datetime) -> None:
    """Publish and use no key of `kind` any more: somebody may have them. The caller makes another one."""
    given_up = update(kind).where(kind.retired_at.is_(None), kind.signs_from <= now)
    session.execute(given_up.values(retired_at=now).execution_options(synchronize_session="fetch"))
    session.execute(delete(kind).where(kind.signs_from > now))


def next_signs_from(
    keys: Sequence[Kind], now: datetime, *, signs_for: timedelta, published_before: timedelta
) -> datetime | None:
    """When a key that is made now is to sign from; None while the last of `keys` is young enough."""
    if not keys:
        return now
    return now + published_before if max(key.signs_from for key in keys) + signs_for <= now else None


def forget_needless(session: Session, kind: type[Kind], keys: Sequence[Kind], now: datetime) -> None:
    """Forget those of `keys` that nobody checks a signature with any more."""
    needed = {key.id for key in published_at(keys, now)}
    gone = [key.id for key in keys if key.id not in needed]
    if gone:
        session.execute(delete(kind).where(kind.id.in_(gone)))


def key_set(session: Session, now: datetime) -> KeySet:
    """The public halves of those that are published."""
    return KeySet([RSAKey.import_key(key.public) for key in published_at(kept_keys(session), now)])


def ensure_key(session: Session, sealer: Sealer, now: datetime) -> None:
    """Make the first key, if there is none that signs."""
    if signing_at(kept_keys(session), now) is None:
        _add(session, sealer, now, signs_from=now)


def change_keys(session: Session, sealer: Sealer, now: datetime) -> None:
    """For the daily job: publish the next key when the present one is old, and forget those that nobody needs."""
    keys = kept_keys(session)
    signs_from = next_signs_from(keys, now, signs_for=SIGNS_FOR, published_before=PUBLISHED_BEFORE)
    if signs_from is not None and session.scalar(select(OpenidClient.id).limit(1)) is not None:
        _add(session, sealer, now, signs_from=signs_from)
    forget_needless(session, OpenidKey, keys, now)


def give_keys_up(act: Act, sealer: Sealer) -> None:
    """Sign with a new key at once: somebody may have the others, which are published no more."""
    give_up(act.session, OpenidKey, act.now)
    _add(act.session, sealer, act.now, signs_from=act.now)
    act.record(Action.OPENID_KEY_REPLACED)


def _add(session: Session, sealer: Sealer, now: datetime, *, signs_from: datetime) -> None:
    name = drawn()
    key = RSAKey.generate_key(BITS, {"kid": name, "use": "sig", "alg": ALGORITHM}, private=True)
    session.add(
        OpenidKey(
            name=name,
            private=sealer.seal_bytes(key.as_pem(private=True)),
            public=dict(key.as_dict(private=False)),
            created_at=now,
            signs_from=signs_from,
        )
    )
    session.flush()
